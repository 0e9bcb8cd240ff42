// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One database of one test. Its sessions have the schema {@code rollcall} on their search path and
 * the time zone of the JVM, which is not UTC in this build. Thread-safe.
 */
public final class TestDatabase implements AutoCloseable {
  private final DatabaseServer server;
  private final String name;
  private final PGSimpleDataSource dataSource;
  private final Jdbi jdbi;

  TestDatabase(DatabaseServer server, String name, PGSimpleDataSource dataSource) {
    this.server = server;
    this.name = name;
    this.dataSource = dataSource;
    this.jdbi = Jdbi.create(dataSource);
  }

  /** A database with the product's schema; close it to drop it. */
  public static TestDatabase migrated() {
    return DatabaseServer.instance().cloneTemplate();
  }

  /** A database with nothing in it; close it to drop it. */
  public static TestDatabase empty() {
    return DatabaseServer.instance().createEmpty();
  }

  public PGSimpleDataSource dataSource() {
    return dataSource;
  }

  /** Opens a connection per handle; plain, without the product's settings. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** With user and password, as a program takes it. */
  public String jdbcUrl() {
    String password = dataSource.getPassword();
    return "jdbc:postgresql://"
        + dataSource.getServerNames()[0]
        + ":"
        + dataSource.getPortNumbers()[0]
        + "/"
        + name
        + "?user="
        + dataSource.getUser()
        + (password == null ? "" : "&password=" + password);
  }

  public Connection connect() throws SQLException {
    return dataSource.getConnection();
  }

  /** A session that can be made to wait, for tests of two at once. */
  public Session session() {
    return Session.open(this);
  }

  /** What sessions left behind that should have ended: a transaction open and idle. */
  List<String> openTransactions() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select application_name || ': ' || query from pg_stat_activity
                where datname = :name and state like 'idle in transaction%'
                """)
            .bind("name", name)
            .mapTo(String.class)
            .list());
  }

  @Override
  public void close() {
    server.drop(name);
  }
}
