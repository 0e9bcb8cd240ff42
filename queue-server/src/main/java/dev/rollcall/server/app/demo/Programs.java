// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/** Finds what the demo runs besides itself. */
final class Programs {
  private static final String JAR = "edge-poller.jar";
  private static final String SAMPLE = "samples/varnish/rollcall.vcl";

  /** Not on the search path of ordinary users everywhere. */
  private static final List<String> SYSTEM_DIRECTORIES =
      List.of("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin");

  private Programs() {}

  /** The Java that runs this. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /**
   * @param named null: looked for beside this program, and in the build tree
   * @throws DemoException that says where it was looked for and how to get it
   */
  static Path edgePoller(@Nullable Path named) {
    List<Path> candidates = named != null ? List.of(named) : besideThis();
    for (Path candidate : candidates) {
      if (Files.isRegularFile(candidate)) {
        return candidate.toAbsolutePath().normalize();
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("The edge poller is missing; it was looked for at");
    candidates.forEach(candidate -> lines.add("  " + candidate.toAbsolutePath().normalize()));
    lines.add("Build it in the source tree with");
    lines.add("  mvn -DskipTests package -pl edge-poller -am");
    lines.add("or name it with --edge-poller FILE.");
    throw new DemoException(lines);
  }

  private static List<Path> besideThis() {
    Path directory = ownLocation().toAbsolutePath().normalize().getParent();
    return directory == null
        ? List.of(Path.of(JAR))
        : List.of(
            directory.resolve(JAR),
            directory.resolve("../../edge-poller/target").resolve(JAR).normalize());
  }

  /** The jar of this program, or the directory of its classes. */
  private static Path ownLocation() {
    try {
      return Path.of(Programs.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("this program has no place", e);
    }
  }

  /** The sample that the edge poller brings along for Varnish: in its jar or in its source tree. */
  static Optional<String> sampleVcl(Path edgePoller) {
    try (JarFile jar = new JarFile(edgePoller.toFile())) {
      ZipEntry entry = jar.getEntry(SAMPLE);
      if (entry != null) {
        try (InputStream in = jar.getInputStream(entry)) {
          return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
      Path inTree = edgePoller.resolveSibling("..").resolve(SAMPLE).normalize();
      return Files.isRegularFile(inTree) ? Optional.of(Files.readString(inTree)) : Optional.empty();
    } catch (IOException e) {
      throw new DemoException(edgePoller + " cannot be read: " + e.getMessage());
    }
  }

  /** A program on the search path, or where system programs lie. */
  static Optional<Path> onPath(String program, @Nullable String searchPath) {
    String[] directories = searchPath == null ? new String[0] : searchPath.split(":", -1);
    return Stream.concat(Stream.of(directories), SYSTEM_DIRECTORIES.stream())
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
