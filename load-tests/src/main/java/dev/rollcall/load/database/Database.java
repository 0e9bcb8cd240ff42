// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A database and who to connect as. Immutable.
 *
 * @param url {@code jdbc:postgresql:…}
 * @param user null: as the URL says
 * @param password null: as the URL says
 */
public record Database(String url, @Nullable String user, @Nullable String password) {
  /** What a plan must not depend on, as in the product's pool for edges. */
  private static final String PINNED =
      "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off"
          + " -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

  /** A connection with the server's own settings. */
  public Connection connect() throws SQLException {
    return open(new Properties());
  }

  /** A connection whose statements are prepared at once, with plans by index only. */
  public Connection connectPinned() throws SQLException {
    var properties = new Properties();
    properties.setProperty("options", PINNED);
    properties.setProperty("prepareThreshold", "1");
    return open(properties);
  }

  private Connection open(Properties properties) throws SQLException {
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "rollcall-load-tests");
    Connection connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException("not a PostgreSQL URL");
    }
    return connection;
  }

  /** The same server, another database. */
  public Database named(String name) {
    return new Database(url.replaceFirst("/[^/?]*(\\?|$)", "/" + name + "$1"), user, password);
  }

  /** Runs statements, each in a transaction of its own. */
  public void execute(String... statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** The one number that a query gives. */
  public long number(String query) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** Without the part that may hold a password. */
  @Override
  public String toString() {
    int question = url.indexOf('?');
    return question < 0 ? url : url.substring(0, question);
  }

  /** What the database refused. */
  public static final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DatabaseException(SQLException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
