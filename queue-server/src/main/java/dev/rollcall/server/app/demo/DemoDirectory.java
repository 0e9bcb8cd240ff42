// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.config.FileReason;
import dev.rollcall.server.db.embedded.DataDirectory;
import dev.rollcall.server.db.embedded.EmbeddedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the demo keeps everything: this user's only, and one demo's at a time. What is here is used
 * again by the next demo: the unpacked PostgreSQL and its data, the edges' journals, the token.
 */
final class DemoDirectory implements AutoCloseable {
  private final DataDirectory held;
  private final Path path;

  private DemoDirectory(DataDirectory held, Path path) {
    this.held = held;
    this.path = path;
  }

  /**
   * @throws DemoException when another demo holds it, or it is full of something else
   */
  static DemoDirectory open(Path directory) {
    Path path = directory.toAbsolutePath().normalize();
    try {
      refuseWhatIsNoDemo(path);
      DataDirectory held = DataDirectory.open(path);
      return new DemoDirectory(held, path.toRealPath());
    } catch (EmbeddedException e) {
      throw new DemoException(
          String.valueOf(e.getMessage()),
          "End that one first, or give this one a directory of its own with --data DIR.");
    } catch (IOException e) {
      throw new DemoException("the directory " + path + " cannot be used: " + FileReason.of(e));
    }
  }

  /** Its mode will be changed and files in it deleted, so it must be known to be ours. */
  private static void refuseWhatIsNoDemo(Path path) throws IOException {
    if (!DataDirectory.isOursOrFree(path)) {
      throw new DemoException(
          path + " is not empty and holds no demo; give another directory with --data DIR");
    }
  }

  Path path() {
    return path;
  }

  /** The operator's token; the server knows it through its environment, whatever its database. */
  String adminToken() {
    return held.secret("admin-token");
  }

  Path adminTokenFile() {
    return path.resolve("admin-token");
  }

  /** Writes the header that holds the token, in a file for {@code curl -H @FILE}. */
  Path writeHeader() {
    return held.writeSecret("authorization-header", "Authorization: Bearer " + adminToken());
  }

  Path server() {
    return path.resolve("server");
  }

  Path serverLog() {
    return path.resolve("server.log");
  }

  Path manifest() {
    return path.resolve("manifest.yaml");
  }

  Path ledger() {
    return path.resolve("processes");
  }

  /** An edge's own directory, made if need be. */
  Path edge(Edge edge) {
    return make(path.resolve("edges").resolve(edge.participant() + "-" + edge.name()));
  }

  static Path make(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes a directory with all that is in it; follows no links. */
  static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
