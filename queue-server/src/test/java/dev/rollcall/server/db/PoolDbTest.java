// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchRuntimeException;

import dev.rollcall.server.LogCapture;
import dev.rollcall.server.lifecycle.AlreadyTold;
import dev.rollcall.testkit.DatabaseExtension;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PoolDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private Pool pool(Pool.Purpose purpose) {
    return Pool.open(new DatabaseAddress(database.get().jdbcUrl(), null, null), purpose, 2);
  }

  @Test
  void what_was_bound_is_in_no_message_of_a_failure() {
    try (Pool pool = pool(Pool.Purpose.SUBMIT)) {
      pool.withHandle(handle -> handle.execute("create table kept (k text primary key)"));
      RuntimeException failure =
          catchRuntimeException(() -> {
            for (int i = 0; i < 2; i++) {
              pool.inTransaction(handle ->
                  handle
                      .createUpdate("insert into kept values (:key)")
                      .bind("key", "idempotency-key-4711")
                      .execute());
            }
          });

      var trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, true));
      assertThat(trace.toString()).contains("kept_pkey").doesNotContain("idempotency-key-4711");
    }
  }

  @ParameterizedTest
  @EnumSource(Pool.Purpose.class)
  void no_pool_warns_of_its_own_settings(Pool.Purpose purpose) {
    try (var log = new LogCapture();
        Pool pool = pool(purpose)) {
      assertThat(pool.<Integer>withHandle(handle -> handle.execute("select 1"))).isNotNull();
      assertThat(log.text()).doesNotContain("Hikari");
    }
  }

  @Test
  void a_database_that_is_away_is_told_once_and_known_by_what_is_thrown() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var nowhere = new DatabaseAddress("jdbc:postgresql://127.0.0.1:" + port + "/x", null, null);
    try (var log = new LogCapture();
        Pool pool = Pool.open(nowhere, Pool.Purpose.NODE, 1)) {
      RuntimeException failure =
          catchRuntimeException(() -> pool.withHandle(handle -> handle.execute("select 1")));
      assertThat(failure).isInstanceOf(AlreadyTold.class);
      assertThat(DatabaseErrors.isUnavailable(failure)).isTrue();
      assertThat(log.lines("127.0.0.1:" + port))
          .singleElement()
          .asString()
          .contains("127.0.0.1:" + port + "/x is away (");
    }
  }
}
