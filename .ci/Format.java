// SPDX-License-Identifier: Apache-2.0

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Checks or applies the source format: {@code java Format.java check|apply ROOT}. */
final class Format {
  private final Formatter formatter = new Formatter(JavaFormatterOptions.builder().build());

  public static void main(String[] args) throws IOException {
    boolean apply =
        switch (args[0]) {
          case "apply" -> true;
          case "check" -> false;
          default -> throw new IllegalArgumentException("format=" + args[0] + ": check or apply");
        };
    var format = new Format();
    int different = 0;
    for (Path file : sources(Path.of(args[1]))) {
      if (format.differs(file, apply)) {
        System.err.println((apply ? "formatted " : "not formatted: ") + file);
        different++;
      }
    }
    if (different > 0 && !apply) {
      System.err.println(different + " file(s) differ; run: mvn -N -q verify -Dformat=apply");
      System.exit(1);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !root.relativize(file).toString().matches("(.*/)?target/.*"))
          .toList();
    }
  }

  private boolean differs(Path file, boolean apply) throws IOException {
    String source = Files.readString(file);
    try {
      String formatted =
          RemoveUnusedImports.removeUnusedImports(formatter.formatSourceAndFixImports(source));
      if (formatted.equals(source)) {
        return false;
      }
      if (apply) {
        Files.writeString(file, formatted);
      }
      return true;
    } catch (FormatterException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
