// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Transactions, repeated where PostgreSQL says that the same may succeed next time. */
final class Transactions {
  private static final int MOST_TRIES = 5;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private Transactions() {}

  static <T extends @Nullable Object> T run(Jdbi jdbi, Function<Handle, T> work) {
    for (int tries = 1; ; tries++) {
      try (Handle handle = jdbi.open()) {
        return handle.inTransaction(work::apply);
      } catch (RuntimeException e) {
        if (tries == MOST_TRIES || !SqlState.of(e).isRepeatable()) {
          throw e;
        }
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS << tries));
      }
    }
  }

  /** What the database said, by its five-character code. */
  record SqlState(String code) {
    private static final Set<String> REPEATABLE = Set.of("40001", "40P01");

    static SqlState of(Throwable thrown) {
      for (Throwable t = thrown; t != null; t = t.getCause()) {
        if (t instanceof SQLException sql && sql.getSQLState() != null) {
          return new SqlState(sql.getSQLState());
        }
      }
      return new SqlState("");
    }

    boolean isRepeatable() {
      return REPEATABLE.contains(code);
    }
  }
}
