// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import dev.rollcall.server.config.FileReason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs, unpacked from the jar once for each data directory. */
final class Binaries {
  /** Names the folder; raise it together with the version of the binaries in the build. */
  static final String VERSION = "17.11.0";

  private final Path home;

  private Binaries(Path home) {
    this.home = home;
  }

  Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  static Binaries in(Path data) {
    Path home = data.resolve("postgresql-" + VERSION);
    if (!Files.isDirectory(home)) {
      Path fresh = data.resolve("postgresql-" + VERSION + ".new");
      try {
        delete(fresh);
        unpack(fresh);
        Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new EmbeddedException(
            "PostgreSQL could not be unpacked into " + home + ": " + FileReason.named(e), e);
      }
    }
    return new Binaries(home);
  }

  private static void unpack(Path target) throws IOException {
    String resource =
        resource(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    try (InputStream packed = Binaries.class.getResourceAsStream("/" + resource)) {
      if (packed == null) {
        throw new EmbeddedException(
            "this jar brings no PostgreSQL for this machine ("
                + resource
                + "); name one with --database-url");
      }
      try (var tar =
          new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(packed)))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          unpack(tar, entry, target);
        }
      }
    }
  }

  static String resource(String system, String machine) {
    String arch =
        switch (machine) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> machine;
        };
    return "postgres-" + system.toLowerCase(Locale.ROOT) + "-" + arch + ".txz";
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    Path file = target.resolve(entry.getName()).normalize();
    if (!file.startsWith(target)) {
      throw new IOException("the archive names " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(file);
      return;
    }
    Files.createDirectories(file.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, file);
      if ((entry.getMode() & 0100) != 0) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
