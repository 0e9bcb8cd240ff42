// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryAfterTest {
  @ParameterizedTest(name = "{0} at {1}: {2}")
  @CsvSource({
    "30, , PT30S",
    "' 30 ', , PT30S",
    "-1, , ",
    "9999999999, , ",
    "'Sun, 22 Nov 2026 12:00:30 GMT', 'Sun, 22 Nov 2026 12:00:00 GMT', PT30S",
    "'Sun, 22 Nov 2026 11:00:00 GMT', 'Sun, 22 Nov 2026 12:00:00 GMT', PT0S",
    "'Sun, 22 Nov 2026 12:00:30 GMT', , ",
    "'Sun, 22 Nov 2026 12:00:30 GMT', yesterday, ",
  })
  void a_date_is_measured_against_the_servers_own_clock(String value, String date, Duration pause) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("Retry-After", List.of(value));
    if (date != null) {
      headers.put("Date", List.of(date));
    }

    assertThat(RetryAfter.of(HttpHeaders.of(headers, (_, _) -> true)))
        .isEqualTo(Optional.ofNullable(pause));
  }
}
