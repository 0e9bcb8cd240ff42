// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {
  private static List<String> problems(Map<String, String> flags, Map<String, String> environment) {
    var problems = new java.util.ArrayList<String>();
    try {
      ServerConfig.readDatabase(flags, environment);
    } catch (ConfigException e) {
      problems.addAll(e.problems());
    }
    return problems;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://foo:hunter2@host/db",
        "jdbc:postgresql://foo:hunter2@host:5432/db?ssl=true",
        "jdbc:postgresql://foo:hun/ter2@host/db",
        "jdbc:postgresql:foo:hunter2@host/db",
        "postgres://foo:hunter2@host/db"
      })
  void user_info_is_refused_by_name_and_never_shown(String url) {
    for (List<String> problems :
        List.of(
            problems(Map.of("database-url", url), Map.of()),
            problems(Map.of(), Map.of("ROLLCALL_DATABASE_URL", url)))) {
      assertThat(problems)
          .singleElement()
          .asString()
          .startsWith("--database-url / ROLLCALL_DATABASE_URL holds user info")
          .contains("ROLLCALL_DATABASE_PASSWORD")
          .doesNotContain("foo", "hun", "ter2", "host");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://foo:hun?ter2@host/db",
        "jdbc:postgresql://foo:hunter2/db",
        "jdbc:postgresql://host:99999/db?password=hunter2",
        "jdbc:postgresql://host/db?password=%zz",
        "mysql:hunter2"
      })
  void what_cannot_be_read_is_refused_and_not_shown(String url) {
    assertThat(problems(Map.of(), Map.of("ROLLCALL_DATABASE_URL", url)))
        .singleElement()
        .asString()
        .startsWith("--database-url / ROLLCALL_DATABASE_URL ")
        .doesNotContain("foo", "hun", "ter2", "%zz");
  }

  @Test
  void a_password_after_the_question_mark_is_for_the_environment_only() {
    String url = "jdbc:postgresql://host/db?user=a@b.example&password=hunter2";
    String key = "jdbc:postgresql://host/db?sslpassword=hunter2";

    assertThat(problems(Map.of(), Map.of("ROLLCALL_DATABASE_URL", url))).isEmpty();
    for (String given : List.of(url, key)) {
      assertThat(problems(Map.of("database-url", given), Map.of()))
          .singleElement()
          .asString()
          .contains("process list")
          .doesNotContain("hunter2");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://host/db",
        "jdbc:postgresql://[::1]:5433/db?sslmode=verify-full",
        "jdbc:postgresql://a:5432,b:5432/db?targetServerType=primary",
        "jdbc:postgresql:db"
      })
  void what_the_driver_reads_is_taken(String url) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ServerConfig.readDatabase(Map.of("database-url", "x" + url), Map.of()));
    assertThat(problems(Map.of("database-url", url), Map.of())).isEmpty();
  }
}
