// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.edge.cache.exchange.BodySink;
import dev.rollcall.edge.cache.exchange.HttpPeer;
import dev.rollcall.edge.cache.exchange.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Looks at a directory and at the origins it is filled from. Changes nothing. */
final class DirectoryCheck {
  private final Path root;
  private final Map<String, HttpPeer> origins;
  private final List<String> findings = new ArrayList<>();
  private boolean ok = true;

  DirectoryCheck(Path root, Map<String, HttpPeer> origins) {
    this.root = root;
    this.origins = origins;
  }

  CacheDriver.Check run(TimeLimit limit) throws InterruptedException {
    lookAtRoot();
    for (Map.Entry<String, HttpPeer> origin : origins.entrySet()) {
      lookAtOrigin(origin.getKey(), origin.getValue(), limit);
    }
    if (origins.isEmpty()) {
      findings.add("no origins are set: load is rejected for every configuration");
    }
    return new CacheDriver.Check(ok, findings);
  }

  private void lookAtRoot() {
    if (!Files.exists(root)) {
      Path above = root.getParent();
      note(
          above != null && Files.isWritable(above),
          root + " does not exist yet, and will be made",
          root + " does not exist, and cannot be made in " + above);
    } else {
      note(
          Files.isDirectory(root) && Files.isWritable(root),
          root + " is there and can be written",
          root + " is no directory, or cannot be written by this user");
    }
  }

  private void lookAtOrigin(String configuration, HttpPeer origin, TimeLimit limit)
      throws InterruptedException {
    String authority = origin.address().getRawAuthority();
    String what = "origin of " + configuration + ", " + origin.address();
    try {
      int status =
          origin
              .exchange(new Request("HEAD", "/", authority, Map.of()), BodySink.DISCARD, limit)
              .status();
      note(true, what + ", answers (status " + status + ")", "");
    } catch (IOException e) {
      note(false, "", what + ", does not answer: " + e.getMessage());
    }
  }

  private void note(boolean good, String found, String problem) {
    ok &= good;
    findings.add(good ? found : problem);
  }
}
