// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.LogCapture;
import dev.rollcall.server.lifecycle.AlreadyTold;
import java.io.EOFException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class OutageTest {
  private long nanos = Long.MAX_VALUE - Duration.ofSeconds(5).toNanos(); // it wraps on the way
  private final Outage outage =
      new Outage(
          new DatabaseAddress("jdbc:postgresql://db/rollcall?password=hunter2", null, null),
          () -> nanos);

  private static RuntimeException failure(String sqlState) {
    return new IllegalStateException(
        "wrapped", new SQLException("gone", sqlState, new EOFException()));
  }

  private void pass(long millis) {
    nanos += Duration.ofMillis(millis).toNanos();
  }

  @Test
  void it_is_told_in_one_line_when_it_begins_and_in_one_when_it_is_over() {
    try (var log = new LogCapture()) {
      for (String state : new String[] {"57P02", "08006", "08001", "57P03"}) {
        assertThat(outage.failed(failure(state))).isInstanceOf(AlreadyTold.class);
        pass(1_000);
      }
      assertThat(log.lines("the database"))
          .singleElement()
          .asString()
          .contains(" WARN ", "jdbc:postgresql://db/rollcall is away (gone)", "503")
          .doesNotContain("hunter2", "Exception");

      outage.worked(nanos);
      assertThat(outage.isOn()).isTrue();
      assertThat(outage.failed(failure("08003"))).isInstanceOf(AlreadyTold.class);
      long began = nanos;
      pass(2_500);
      outage.worked(began - 1);
      assertThat(outage.isOn()).as("what began before the last failure proves nothing").isTrue();
      outage.worked(nanos);
      outage.worked(nanos);

      assertThat(log.lines("the database")).hasSize(2);
      assertThat(log.lines("the database").getLast())
          .contains(" INFO ", "jdbc:postgresql://db/rollcall is back", "away for 6.5 s");
    }
  }

  @Test
  void other_failures_are_left_as_they_are() {
    for (String state : new String[] {"23505", "40001", "57014", "53300", "08P01"}) {
      RuntimeException failure = failure(state);
      assertThat(outage.failed(failure)).as(state).isSameAs(failure);
    }
    assertThat(outage.isOn()).isFalse();
  }

  @Test
  void a_wait_for_a_connection_in_vain_is_part_of_it_but_does_not_begin_it() {
    var full =
        new IllegalStateException(new SQLTransientConnectionException("not available, timed out"));

    assertThat(outage.failed(full)).isSameAs(full);
    RuntimeException away = outage.failed(failure("08001"));

    assertThat(outage.failed(full)).isInstanceOf(AlreadyTold.class);
    assertThat(DatabaseErrors.isUnavailable(away)).isTrue();
  }
}
