// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.io.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ConnectionsTest {
  private final Metrics metrics = new Metrics();
  private final AtomicLong nanos = new AtomicLong();
  private final Connections connections = new Connections(3, nanos::get, metrics);

  @AfterEach
  void stop() {
    metrics.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    connections.sweep();
  }

  private Connection opened() {
    var connection =
        new AbstractConnection(new ByteArrayEndPoint(), Runnable::run) {
          @Override
          public void onFillable() {}
        };
    connection.addEventListener(connections);
    connection.onOpen();
    return connection;
  }

  private static boolean isOpen(Connection connection) {
    return connection.getEndPoint().isOpen();
  }

  @Test
  void a_first_request_must_come_in_time_however_often_a_byte_does() {
    Connection silent = opened();
    Connection asking = opened();
    pass(Connections.FIRST_REQUEST.minusMillis(1));
    connections.begun(asking, "1");
    assertThat(isOpen(silent)).isTrue();

    pass(Duration.ofMillis(1));

    assertThat(isOpen(silent)).isFalse();
    assertThat(isOpen(asking)).isTrue();
  }

  @Test
  void a_request_under_way_may_take_as_long_as_it_likes_and_the_next_one_must_come_in_time() {
    Connection connection = opened();
    connections.begun(connection, "1");
    pass(Duration.ofHours(1));
    assertThat(isOpen(connection)).isTrue();

    connections.ended(connection, "1");
    pass(Connections.NEXT_REQUEST.minusMillis(1));
    assertThat(isOpen(connection)).isTrue();
    pass(Duration.ofMillis(1));
    assertThat(isOpen(connection)).isFalse();
  }

  @Test
  void the_end_of_a_request_says_nothing_about_the_next_one() {
    Connection connection = opened();
    connections.begun(connection, "1");
    connections.begun(connection, "2");
    connections.ended(connection, "1");

    pass(Duration.ofHours(1));

    assertThat(isOpen(connection)).isTrue();
  }

  @Test
  void the_oldest_that_never_asked_anything_gives_way_first() {
    Connection kept = opened();
    connections.begun(kept, "1");
    connections.ended(kept, "1");
    Connection older = opened();
    Connection newer = opened();

    Connection newest = opened();

    assertThat(isOpen(older)).isFalse();
    assertThat(isOpen(kept)).isTrue();
    assertThat(isOpen(newer)).isTrue();
    assertThat(isOpen(newest)).isTrue();
  }

  @Test
  void then_the_one_that_has_been_quiet_for_longest() {
    Connection[] all = {opened(), opened(), opened()};
    for (Connection each : all) {
      connections.begun(each, "1");
      connections.ended(each, "1");
    }

    Connection newest = opened();

    assertThat(isOpen(all[0])).isFalse();
    assertThat(isOpen(all[1])).isTrue();
    assertThat(isOpen(newest)).isTrue();
  }

  @Test
  void where_all_are_at_work_the_new_one_is_refused() {
    Connection[] all = {opened(), opened(), opened()};
    for (Connection each : all) {
      connections.begun(each, "1");
    }

    Connection newest = opened();

    assertThat(isOpen(newest)).isFalse();
    assertThat(all).allMatch(ConnectionsTest::isOpen);
    assertThat(metrics.scrape()).contains("rollcall_http_connections_shed_total 1.0");
  }

  @Test
  void what_is_closed_is_forgotten() {
    Connection connection = opened();
    connection.onClose(null);
    assertThat(connections.open()).isZero();
  }
}
