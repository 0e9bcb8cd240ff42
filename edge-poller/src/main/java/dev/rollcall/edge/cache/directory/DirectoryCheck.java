// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.edge.cache.exchange.BodySink;
import dev.rollcall.edge.cache.exchange.HttpPeer;
import dev.rollcall.edge.cache.exchange.NotAdmittedException;
import dev.rollcall.edge.cache.exchange.NotConnectedException;
import dev.rollcall.edge.cache.exchange.Request;
import dev.rollcall.edge.lifecycle.Usable;
import dev.rollcall.edge.telemetry.IoReason;
import java.io.IOException;
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
    Usable usable = Usable.of(root);
    String words = root + " " + usable.words();
    note(usable.ok(), words, words);
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
    } catch (NotAdmittedException e) {
      note(false, "", what + ", " + e.getMessage() + ", and originNetworks does not name it");
    } catch (IOException e) {
      IOException reason = e instanceof NotConnectedException not ? not.reason() : e;
      note(false, "", what + ", does not answer: " + IoReason.of(reason));
    }
  }

  private void note(boolean good, String found, String problem) {
    ok &= good;
    findings.add(good ? found : problem);
  }
}
