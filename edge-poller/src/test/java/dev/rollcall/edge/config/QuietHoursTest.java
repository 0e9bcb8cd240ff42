// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuietHoursTest {
  @ParameterizedTest(name = "{0} {1} at {2}: {3} to {4}")
  @CsvSource({
    "02:00-05:00, UTC, 2026-11-22T12:00:00Z, 2026-11-23T02:00:00Z, 2026-11-23T05:00:00Z",
    "02:00-05:00, UTC, 2026-11-22T02:00:00Z, 2026-11-22T02:00:00Z, 2026-11-22T05:00:00Z",
    "02:00-05:00, UTC, 2026-11-22T05:00:00Z, 2026-11-23T02:00:00Z, 2026-11-23T05:00:00Z",
    "22:00-05:00, UTC, 2026-11-22T01:00:00Z, 2026-11-21T22:00:00Z, 2026-11-22T05:00:00Z",
    "22:00-05:00, UTC, 2026-11-22T12:00:00Z, 2026-11-22T22:00:00Z, 2026-11-23T05:00:00Z",
    "02:00-05:00, Asia/Kathmandu, 2026-11-22T00:00:00Z, 2026-11-22T20:15:00Z, 2026-11-22T23:15:00Z",
    "02:00-05:00, Europe/Berlin, 2026-03-29T00:30:00Z, 2026-03-29T01:00:00Z, 2026-03-29T03:00:00Z",
    "02:00-05:00, Europe/Berlin, 2026-10-24T23:30:00Z, 2026-10-25T00:00:00Z, 2026-10-25T04:00:00Z",
  })
  void the_window_is_this_nights_or_the_next(
      String hours, String zone, String at, String start, String end) {
    QuietHours.Window window = QuietHours.parse(hours, ZoneId.of(zone)).current(Instant.parse(at));

    assertThat(window).isEqualTo(new QuietHours.Window(Instant.parse(start), Instant.parse(end)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2-5", "02:00", "02:00-25:00", "02:00-02:00", "02:00 - 05:00"})
  void other_forms_are_refused(String text) {
    assertThatExceptionOfType(DateTimeException.class)
        .isThrownBy(() -> QuietHours.parse(text, ZoneId.of("UTC")));
  }

  @Test
  void the_end_is_outside() {
    QuietHours.Window window =
        QuietHours.parse("02:00-05:00", ZoneId.of("UTC"))
            .current(Instant.parse("2026-11-22T03:00:00Z"));

    assertThat(window.contains(Instant.parse("2026-11-22T02:00:00Z"))).isTrue();
    assertThat(window.contains(Instant.parse("2026-11-22T05:00:00Z"))).isFalse();
  }
}
