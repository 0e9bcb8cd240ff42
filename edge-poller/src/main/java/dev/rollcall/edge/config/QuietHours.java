// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hours of each day in which slow work may load the disks, by the clock on the wall of {@code
 * zone}. May span midnight. Where the clock is put forward over the start or the end, the first
 * moment after the gap counts.
 */
public record QuietHours(LocalTime from, LocalTime to, ZoneId zone) {
  private static final Pattern FORM =
      Pattern.compile("([0-2][0-9]:[0-5][0-9])-([0-2][0-9]:[0-5][0-9])");

  /** One night's hours. */
  public record Window(Instant start, Instant end) {
    public boolean contains(Instant at) {
      return !at.isBefore(start) && at.isBefore(end);
    }
  }

  /**
   * Reads {@code 02:00-05:00}.
   *
   * @throws DateTimeException for another form, or when start and end are the same
   */
  public static QuietHours parse(String text, ZoneId zone) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new DateTimeException("not like 02:00-05:00");
    }
    var hours =
        new QuietHours(LocalTime.parse(form.group(1)), LocalTime.parse(form.group(2)), zone);
    if (hours.from.equals(hours.to)) {
      throw new DateTimeException("start and end are the same");
    }
    return hours;
  }

  /** The window that {@code at} is in, else the next one. */
  public Window current(Instant at) {
    ZonedDateTime day = at.atZone(zone).truncatedTo(java.time.temporal.ChronoUnit.DAYS);
    for (int offset = -1; ; offset++) {
      Window window = startingOn(day.plusDays(offset));
      if (at.isBefore(window.end)) {
        return window;
      }
    }
  }

  private Window startingOn(ZonedDateTime day) {
    var date = day.toLocalDate();
    ZonedDateTime start = ZonedDateTime.of(date, from, zone);
    ZonedDateTime end = ZonedDateTime.of(from.isBefore(to) ? date : date.plusDays(1), to, zone);
    return new Window(start.toInstant(), end.toInstant());
  }
}
