// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ReportDbTest {
  private static final Pattern PARAMETER = Pattern.compile(":([a-z_]+)(::[a-z]+)");

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  static Stream<Path> reports() throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of("../reports"))) {
      files = found.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(3);
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("reports")
  void a_report_gives_the_columns_and_takes_the_parameters_its_header_names(Path file)
      throws Exception {
    String sql = Files.readString(file);

    try (Connection connection = database.get().connect();
        PreparedStatement statement =
            connection.prepareStatement(PARAMETER.matcher(sql).replaceAll("?$2"))) {
      assertThat(columns(statement.getMetaData())).isEqualTo(headerNames(sql, "Columns"));
      assertThat(parameters(sql)).isEqualTo(headerNames(sql, "Parameters"));
    }
  }

  @ParameterizedTest
  @MethodSource("reports")
  void a_report_runs_with_the_rights_of_the_report_role(Path file) throws Exception {
    String sql = PARAMETER.matcher(Files.readString(file)).replaceAll("null$2");

    try (Connection connection = database.get().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set role rollcall_report");
      assertThat(statement.execute(sql)).isTrue();
    }
  }

  @Test
  void the_report_role_reads_views_and_nothing_else() throws SQLException {
    try (Connection connection = database.get().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set role rollcall_report");

      statement.execute("select * from report.command");
      for (String refused :
          List.of(
              "select * from rollcall.token",
              "select * from rollcall.queue",
              "delete from report.command",
              "create table report.mine(a int)")) {
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> statement.execute(refused))
            .satisfies(e -> assertThat(e.getSQLState()).isIn("42501", "55000"));
      }
    }
  }

  @Test
  void the_report_role_is_read_only_and_has_a_time_limit() {
    List<String> settings =
        database
            .get()
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery(
                        "select unnest(rolconfig) from pg_roles where rolname = 'rollcall_report'")
                    .mapTo(String.class)
                    .list());

    assertThat(settings)
        .containsExactlyInAnyOrder("default_transaction_read_only=on", "statement_timeout=30s");
  }

  private static List<String> columns(ResultSetMetaData result) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= result.getColumnCount(); i++) {
      names.add(result.getColumnName(i));
    }
    return names;
  }

  private static List<String> parameters(String sql) {
    return PARAMETER.matcher(sql).results().map(match -> match.group(1)).distinct().toList();
  }

  /** Lines such as {@code -- a, b int: what they are} below the heading; the names only. */
  private static List<String> headerNames(String sql, String heading) {
    List<String> names = new ArrayList<>();
    boolean inside = false;
    for (String line : sql.lines().toList()) {
      Matcher entry = Pattern.compile("--   ([a-z_, ]+):.*").matcher(line);
      if (inside && entry.matches()) {
        for (String name : entry.group(1).split(",", -1)) {
          names.add(name.strip().split(" ", -1)[0]);
        }
      } else {
        inside = line.equals("-- " + heading + ":");
      }
    }
    return names;
  }
}
