// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** The PostgreSQL server of this JVM's tests, with a migrated template. Thread-safe. */
final class DatabaseServer {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseServer.class);
  private static final String VARIABLE = "ROLLCALL_TEST_DATABASE";
  private static final AtomicInteger CLONES = new AtomicInteger();

  private final PGSimpleDataSource admin;
  private final String template;

  private DatabaseServer(PGSimpleDataSource admin) throws SQLException {
    this.admin = admin;
    this.template = "rollcall_template_" + ProcessHandle.current().pid();
    execute("create database " + template);
    Flyway.configure()
        .dataSource(dataSource(template))
        .locations("classpath:dev/rollcall/sql/migration")
        .defaultSchema("rollcall_migrations")
        .load()
        .migrate();
  }

  private static final class Holder {
    static final DatabaseServer INSTANCE = start(System.getenv(VARIABLE));
  }

  static DatabaseServer instance() {
    return Holder.INSTANCE;
  }

  static DatabaseServer start(@org.jspecify.annotations.Nullable String where) {
    try {
      if (where == null || where.isEmpty() || where.equals("embedded")) {
        return embedded();
      }
      if (where.startsWith("jdbc:postgresql:")) {
        return given(where);
      }
      if (where.equals("testcontainers") || where.startsWith("testcontainers:")) {
        return container(where);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          VARIABLE + ": the database cannot be used: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded PostgreSQL did not start", e);
    }
    throw new IllegalStateException(
        VARIABLE
            + "="
            + where
            + ": allowed are embedded, a jdbc:postgresql: URL, testcontainers,"
            + " testcontainers:IMAGE");
  }

  /** Not durable: tests of durability start the product's own embedded server. */
  private static DatabaseServer embedded() throws IOException, SQLException {
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setServerConfig("max_connections", "200").start();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> close(postgres), "rollcall-testkit-stop"));
    LOG.info("tests use an embedded PostgreSQL on port {}", postgres.getPort());
    return new DatabaseServer((PGSimpleDataSource) postgres.getPostgresDatabase());
  }

  private static void close(EmbeddedPostgres postgres) {
    try {
      postgres.close();
    } catch (IOException e) {
      LOG.error("the embedded PostgreSQL did not stop", e);
    }
  }

  private static DatabaseServer given(String url) throws SQLException {
    Properties parsed = Driver.parseURL(url, null);
    if (parsed == null) {
      throw new SQLException("the URL cannot be read");
    }
    var source = new PGSimpleDataSource();
    source.setURL(url);
    LOG.info("tests use the PostgreSQL of {}", VARIABLE);
    var server = new DatabaseServer(source);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> server.drop(server.template), "rollcall-testkit-stop"));
    return server;
  }

  @SuppressWarnings("resource") // ends with the JVM: the container's own reaper removes it
  private static DatabaseServer container(String where) throws SQLException {
    String image = where.contains(":") ? where.substring(where.indexOf(':') + 1) : "postgres:17";
    var container =
        new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
    container.start();
    var source = new PGSimpleDataSource();
    source.setURL(container.getJdbcUrl());
    source.setUser(container.getUsername());
    source.setPassword(container.getPassword());
    LOG.info("tests use a container of {}", image);
    return new DatabaseServer(source);
  }

  /** A new database with the product's schema. */
  TestDatabase cloneTemplate() {
    return create(" template " + template);
  }

  /** A new database with nothing in it. */
  TestDatabase createEmpty() {
    return create("");
  }

  private TestDatabase create(String from) {
    String name = "rollcall_test_" + ProcessHandle.current().pid() + "_" + CLONES.incrementAndGet();
    try {
      execute("create database " + name + from);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create database " + name, e);
    }
    return new TestDatabase(this, name, dataSource(name));
  }

  void drop(String name) {
    try {
      execute("drop database if exists " + name + " with (force)");
    } catch (SQLException e) {
      throw new IllegalStateException("cannot drop database " + name, e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = admin.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private PGSimpleDataSource dataSource(String database) {
    var source = new PGSimpleDataSource();
    source.setServerNames(admin.getServerNames());
    source.setPortNumbers(admin.getPortNumbers());
    source.setUser(admin.getUser());
    source.setPassword(admin.getPassword());
    source.setDatabaseName(database);
    source.setOptions("-c search_path=rollcall");
    return source;
  }
}
