// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;

/**
 * Connections for one kind of work, so that none can take another's: a slow report never holds what
 * an edge's poll needs. Thread-safe.
 */
public final class Pool implements AutoCloseable {
  /**
   * Index scans only, and a plan that does not change with the table's statistics: a plan made
   * while the queue is empty reads a server's whole backlog with a bitmap scan, on every poll.
   */
  private static final Map<String, String> PINNED =
      Map.of(
          "plan_cache_mode", "force_generic_plan",
          "enable_seqscan", "off",
          "enable_bitmapscan", "off",
          "enable_hashjoin", "off",
          "enable_mergejoin", "off",
          "enable_material", "off",
          "jit", "off");

  /**
   * A connection keeps its plans for as long as it lives, whatever becomes of the tables; so none
   * lives long.
   */
  private static final Duration PLANS_LAST = Duration.ofMinutes(1);

  private final HikariDataSource source;
  private final Outage outage;
  private final Jdbi jdbi;

  /** Of each transaction; null: as the connection has it. */
  private final @Nullable Duration lockTimeout;

  private Pool(Pool other, Duration lockTimeout) {
    this.source = other.source;
    this.outage = other.outage;
    this.jdbi = other.jdbi;
    this.lockTimeout = lockTimeout;
  }

  private Pool(HikariDataSource source, Outage outage) {
    this.source = source;
    this.outage = outage;
    this.lockTimeout = null;
    this.jdbi = Jdbi.create(source);
    jdbi.getConfig(org.jdbi.v3.core.argument.Arguments.class).register(new SqlArrays());
    // Arguments are nobody's business who reads the log: idempotency keys, hashes of tokens.
    jdbi.getConfig(StatementExceptions.class)
        .setMessageRendering(StatementExceptions.MessageRendering.NONE);
  }

  /** What a pool is for; decides its settings. */
  public enum Purpose {
    /** Leases, results and fan-out: plans pinned, short locks. */
    EDGE(true, Duration.ofSeconds(10), Duration.ofMillis(250)),
    /** Fan-out and all else that a request changes. */
    SUBMIT(true, Duration.ofSeconds(60), Duration.ofSeconds(5)),
    /** Deadlines, cancels in the background, retention. */
    UPKEEP(true, Duration.ofSeconds(60), Duration.ofSeconds(5)),
    /** What nodes tell each other: small, and of no use when it is late. */
    NODE(true, Duration.ofSeconds(5), Duration.ofSeconds(1)),
    /** What people look at. */
    READ(false, Duration.ofSeconds(10), Duration.ofSeconds(1)),
    /** SQL reports. */
    REPORT(false, Duration.ofSeconds(30), Duration.ofSeconds(1));

    private final boolean pinned;
    private final Duration statementTimeout;
    private final Duration lockTimeout;

    Purpose(boolean pinned, Duration statementTimeout, Duration lockTimeout) {
      this.pinned = pinned;
      this.statementTimeout = statementTimeout;
      this.lockTimeout = lockTimeout;
    }
  }

  /** Opens a pool; connections are made when they are first needed. */
  public static Pool open(DatabaseAddress address, Purpose purpose, int connections) {
    var config = new HikariConfig();
    String name = purpose.name().toLowerCase(java.util.Locale.ROOT);
    config.setPoolName("rollcall-" + name);
    config.setJdbcUrl(address.url());
    config.setUsername(address.user());
    config.setPassword(address.password());
    config.setMaximumPoolSize(connections);
    int idle = Math.min(2, connections);
    config.setMinimumIdle(idle);
    if (purpose.pinned) {
      config.setMaxLifetime(PLANS_LAST.toMillis());
      if (connections > idle) {
        config.setIdleTimeout(PLANS_LAST.dividedBy(2).toMillis());
      }
      config.setKeepaliveTime(0);
    }
    config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "rollcall-" + name);
    config.addDataSourceProperty("options", options(purpose));
    config.addDataSourceProperty("prepareThreshold", purpose.pinned ? "1" : "5");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    // Its details repeat the values of the row that was refused.
    config.addDataSourceProperty("logServerErrorDetail", "false");
    config.addDataSourceProperty(
        "socketTimeout", String.valueOf(purpose.statementTimeout.plusSeconds(15).toSeconds()));
    return new Pool(new HikariDataSource(config), Outage.of(address));
  }

  private static String options(Purpose purpose) {
    String pins =
        purpose.pinned
            ? PINNED.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(pin -> " -c " + pin.getKey() + "=" + pin.getValue())
                .collect(Collectors.joining())
            : "";
    return "-c search_path=rollcall"
        + " -c statement_timeout="
        + purpose.statementTimeout.toMillis()
        + " -c lock_timeout="
        + purpose.lockTimeout.toMillis()
        + " -c idle_in_transaction_session_timeout=30000"
        + pins;
  }

  /** The same connections, in transactions that wait for no lock longer than this. */
  public Pool waitingAtMost(Duration forLock) {
    return new Pool(this, forLock);
  }

  /**
   * For the rest of this transaction, which is one of this pool's, locks are waited for as ever.
   */
  public void waitAsUsual(Handle handle) {
    if (lockTimeout != null) {
      handle.execute("set local lock_timeout to default");
    }
  }

  /**
   * Runs in one transaction; repeated, a few times and after a random pause, when the database
   * reports a deadlock or a serialisation failure. The work must be repeatable.
   */
  public <T extends @Nullable Object> T inTransaction(Function<Handle, T> work) {
    Duration most = lockTimeout;
    return watched(() ->
        Transactions.run(
            jdbi,
            most == null
                ? work
                : handle -> {
                  handle.execute("set local lock_timeout = " + most.toMillis());
                  return work.apply(handle);
                }));
  }

  /** Runs one statement or more, each in a transaction of its own. */
  public <T extends @Nullable Object> T withHandle(Function<Handle, T> work) {
    return watched(() -> {
      try (Handle handle = jdbi.open()) {
        return work.apply(handle);
      }
    });
  }

  private <T extends @Nullable Object> T watched(Supplier<T> work) {
    long begun = outage.now();
    T done;
    try {
      done = work.get();
    } catch (RuntimeException e) {
      throw source.isClosed() ? e : outage.failed(e); // a pool that closes breaks its connections
    }
    outage.worked(begun);
    return done;
  }

  @Override
  public void close() {
    source.close();
  }
}
