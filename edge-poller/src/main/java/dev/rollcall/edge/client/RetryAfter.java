// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Reads {@code Retry-After}: seconds, or a date, which is measured against the server's own {@code
 * Date} so that this machine's clock may be wrong.
 */
final class RetryAfter {
  private RetryAfter() {}

  static Optional<Duration> of(HttpHeaders headers) {
    return headers.firstValue("Retry-After").map(String::strip).flatMap(v -> read(v, headers));
  }

  private static Optional<Duration> read(String value, HttpHeaders headers) {
    if (value.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    return headers
        .firstValue("Date")
        .flatMap(date -> between(date, value))
        .map(d -> d.isNegative() ? Duration.ZERO : d);
  }

  private static Optional<Duration> between(String date, String until) {
    try {
      return Optional.of(Duration.between(time(date), time(until)));
    } catch (DateTimeException e) {
      return Optional.empty(); // a header nobody can read is as good as none
    }
  }

  private static ZonedDateTime time(String text) {
    return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
  }
}
