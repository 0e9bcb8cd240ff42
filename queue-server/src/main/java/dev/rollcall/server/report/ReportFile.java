// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of {@code sql/reports}: its header says what it is for and what it takes.
 *
 * @param purpose the header's first line
 * @param sql the file; parameters stand as {@code :name::type}
 */
record ReportFile(String name, String purpose, List<Parameter> parameters, String sql) {
  /** The reports that come with this version. */
  static final List<String> NAMES = List.of("command_status", "queue_backlog", "servers_silent");

  private static final Pattern PARAMETER = Pattern.compile("--   ([a-z_]+) ([a-z]+): (.*)");

  ReportFile {
    parameters = List.copyOf(parameters);
  }

  /** What a report takes. */
  record Parameter(String name, String type, String meaning) {}

  static ReportFile load(String name) {
    String resource = "/dev/rollcall/sql/report/" + name + ".sql";
    try (InputStream in = ReportFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + resource);
      }
      String sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new ReportFile(
          name, sql.lines().findFirst().orElse("").replaceFirst("^-- ", ""), parameters(sql), sql);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Parameter> parameters(String sql) {
    List<Parameter> parameters = new ArrayList<>();
    boolean inside = false;
    for (String line : sql.lines().toList()) {
      Matcher parameter = PARAMETER.matcher(line);
      if (inside && parameter.matches()) {
        parameters.add(new Parameter(parameter.group(1), parameter.group(2), parameter.group(3)));
      } else {
        inside = line.equals("-- Parameters:");
      }
    }
    return parameters;
  }
}
