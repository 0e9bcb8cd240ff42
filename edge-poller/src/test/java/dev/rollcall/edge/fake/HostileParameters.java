// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Parameters of commands that try to reach another configuration's objects. */
public final class HostileParameters {
  /** For {@code @MethodSource}. */
  public static final String ALL = "dev.rollcall.edge.fake.HostileParameters#all";

  private HostileParameters() {}

  static List<String> all() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/hostile-parameters.txt")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}
