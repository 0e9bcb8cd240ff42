// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Looks into the caches themselves, past the queue server: what is there, and what is not. */
final class Proof {
  private static final long MOST_BYTES = 64 << 10;

  private final List<Edge> fleet;
  private final Pollers pollers;
  private final Map<Edge, Integer> varnish;
  private final Origin origin;

  /**
   * What was found.
   *
   * @param files pages of the origin below the roots of the directory caches
   * @param hits answers that a Varnish gave from its cache
   * @param misses answers for which a Varnish had to ask the origin
   * @param asked how often the origin was asked while looking
   */
  record Found(int files, int hits, int misses, long asked) {}

  Proof(List<Edge> fleet, Pollers pollers, Map<Edge, Integer> varnish, Origin origin) {
    this.fleet = fleet;
    this.pollers = pollers;
    this.varnish = Map.copyOf(varnish);
    this.origin = origin;
  }

  /** Asks each Varnish for each path as a browser would. */
  Found look(List<String> paths) {
    int files = 0;
    for (Edge edge : fleet) {
      files += edge.varnish() ? 0 : pages(pollers.cache(edge));
    }
    long before = origin.asked();
    int hits = 0;
    int asked = 0;
    for (Map.Entry<Edge, Integer> entry : varnish.entrySet()) {
      for (String path : paths) {
        hits += isHit(entry.getKey(), entry.getValue(), path) ? 1 : 0;
        asked++;
      }
    }
    return new Found(files, hits, asked - hits, origin.asked() - before);
  }

  private static boolean isHit(Edge edge, int port, String path) {
    try {
      LoopbackHttp.Reply reply = LoopbackHttp.get(port, DemoManifest.HOST, path);
      if (!reply.isOk()) {
        throw new DemoException(
            "the Varnish of "
                + edge.fullName()
                + " answered "
                + reply.text().lines().findFirst().orElse("nothing"));
      }
      return reply.isHit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many files below a directory hold a page of the origin. */
  static int pages(Path root) {
    if (!Files.isDirectory(root)) {
      return 0;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      return (int) tree.filter(Files::isRegularFile).filter(Proof::isPage).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPage(Path file) {
    try {
      return Files.size(file) <= MOST_BYTES
          && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
              .contains(Origin.MARK);
    } catch (NoSuchFileException e) {
      return false; // deleted while looking
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
