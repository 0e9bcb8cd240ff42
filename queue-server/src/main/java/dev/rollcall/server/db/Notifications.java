// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to a channel of the database on a connection of its own, and connects again when that
 * breaks. What is sent while it is not connected is lost. Thread-safe.
 */
public final class Notifications implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final Duration RECONNECT = Duration.ofMillis(500);
  private static final int CONNECT_SECONDS = 5;
  private static final int ANSWER_SECONDS = 3;

  /** Called by one thread, one call at a time. */
  public interface Receiver {
    /** From now on nothing that is sent is missed, until the connection breaks. */
    void connected();

    /** What somebody sent, perhaps this process itself. */
    void received(String payload);
  }

  private final DatabaseAddress address;
  private final String channel;
  private final Receiver receiver;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Connection open;

  /**
   * @param channel a plain SQL identifier
   */
  public Notifications(DatabaseAddress address, String channel, Receiver receiver) {
    if (!channel.matches("[a-z_]+")) {
      throw new IllegalArgumentException("not a plain identifier: " + channel);
    }
    this.address = address;
    this.channel = channel;
    this.receiver = receiver;
    this.thread = Thread.ofPlatform().name("rollcall-listen").daemon().unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  private void loop() {
    boolean told = false;
    while (isWanted()) {
      try (Connection connection = connect()) {
        open = connection;
        told = false;
        listen(connection);
      } catch (SQLException e) {
        if (isWanted() && !told && !Outage.of(address).isOn()) {
          LOG.warn(
              "not listening to other nodes for a moment: {}",
              address.redacted(String.valueOf(e.getMessage())));
          told = true;
        }
      } catch (RuntimeException e) {
        LOG.error("listening to other nodes failed; it is begun anew", e);
      }
      open = null;
      pause();
    }
  }

  private boolean isWanted() {
    return stopping.getCount() > 0;
  }

  private void pause() {
    try {
      boolean _ = stopping.await(RECONNECT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopping.countDown();
      Thread.currentThread().interrupt();
    }
  }

  private Connection connect() throws SQLException {
    var properties = new Properties();
    if (address.user() != null) {
      properties.setProperty("user", address.user());
    }
    if (address.password() != null) {
      properties.setProperty("password", address.password());
    }
    properties.setProperty("ApplicationName", "rollcall-listen");
    properties.setProperty("connectTimeout", String.valueOf(CONNECT_SECONDS));
    properties.setProperty("loginTimeout", String.valueOf(CONNECT_SECONDS));
    properties.setProperty("tcpKeepAlive", "true");
    return DriverManager.getConnection(address.url(), properties);
  }

  private void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("listen " + channel);
    }
    PGConnection session = connection.unwrap(PGConnection.class);
    receiver.connected();
    long checked = System.nanoTime();
    while (isWanted()) {
      PGNotification[] found = session.getNotifications((int) WAIT.toMillis());
      if (found != null) {
        for (PGNotification notification : found) {
          receiver.received(notification.getParameter());
        }
      }
      if (System.nanoTime() - checked > CHECK.toNanos()) {
        if (!connection.isValid(ANSWER_SECONDS)) {
          throw new SQLException("the connection no longer answers", "08006");
        }
        checked = System.nanoTime();
      }
    }
  }

  /** Closes the connection under the listening thread, and does not wait for that to end. */
  @Override
  public void close() {
    stopping.countDown();
    Connection connection = open;
    if (connection != null) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("the listening connection did not close cleanly", e);
      }
    }
  }
}
