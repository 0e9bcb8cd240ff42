// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.config.Setting;
import dev.rollcall.server.telemetry.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of the README against the code. */
final class ReadmeTest {
  @Test
  void the_table_of_settings_is_the_one_in_the_code() throws IOException {
    assertThat(rows("| flag | variable |"))
        .isEqualTo(ServerConfig.SETTINGS.stream().map(ReadmeTest::row).toList());
  }

  private static String row(Setting setting) {
    String fallback =
        setting.fallback() != null
            ? "`" + setting.fallback() + "`"
            : setting.kind() == Setting.Kind.SWITCH ? "off" : "none";
    return "| "
        + (setting.kind() == Setting.Kind.SECRET ? "environment only" : "`" + setting.flag() + "`")
        + " | `"
        + setting.variable()
        + "` | "
        + fallback
        + " | "
        + setting.meaning()
        + " |";
  }

  @Test
  void the_table_of_metrics_is_the_one_in_the_code() throws IOException {
    assertThat(rows("| name | tags |"))
        .isEqualTo(
            Arrays.stream(Meter.values())
                .map(m -> "| `" + m.exposed() + "` | " + m.tags() + " | " + m.help() + " |")
                .toList());
  }

  private static List<String> rows(String heading) throws IOException {
    return Files.readString(Path.of("README.md"))
        .lines()
        .dropWhile(line -> !line.startsWith(heading))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }
}
