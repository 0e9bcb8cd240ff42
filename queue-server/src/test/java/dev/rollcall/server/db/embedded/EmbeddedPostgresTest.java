// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rollcall.server.LogCapture;
import dev.rollcall.server.db.DatabaseAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedPostgresTest {
  @TempDir private Path temp;

  @Test
  void it_is_durable_on_loopback_and_asks_for_its_password() throws Exception {
    try (DataDirectory data = DataDirectory.open(temp.resolve("data"));
        EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 16)) {
      DatabaseAddress address = postgres.address();

      for (String setting : List.of("fsync", "full_page_writes", "synchronous_commit")) {
        assertThat(show(address, setting)).as(setting).isEqualTo("on");
      }
      assertThat(show(address, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(show(address, "unix_socket_directories")).isEmpty();
      assertThat(show(address, "password_encryption")).isEqualTo("scram-sha-256");
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> connect(new DatabaseAddress(address.url(), "rollcall", "wrong")))
          .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> connect(new DatabaseAddress(address.url(), "rollcall", "")));
    }
  }

  @Test
  void its_files_are_nobody_elses_and_it_keeps_its_data_across_restarts() throws Exception {
    Path path = temp.resolve("data");
    try (DataDirectory data = DataDirectory.open(path);
        EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 16)) {
      assertThat(permissions(path)).isEqualTo("rwx------");
      assertThat(permissions(path.resolve("postgresql-password"))).isEqualTo("rw-------");
      execute(postgres.address(), "create table kept (a int)");
      execute(postgres.address(), "insert into kept values (7)");
    }
    assertThat(EmbeddedPostgres.running(path)).isEmpty();
    try (DataDirectory data = DataDirectory.open(path);
        EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 16)) {
      assertThat(one(postgres.address(), "select a from kept")).isEqualTo("7");
      assertThat(EmbeddedPostgres.running(path)).contains(postgres.address());
    }
  }

  @Test
  void one_that_dies_is_started_again_and_the_log_says_so_once() throws Exception {
    Path path = temp.resolve("data");
    try (var log = new LogCapture();
        DataDirectory data = DataDirectory.open(path);
        EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 16)) {
      long pid =
          Long.parseLong(
              Files.readAllLines(path.resolve("cluster").resolve("postmaster.pid"))
                  .getFirst()
                  .strip());

      ProcessHandle.of(pid).orElseThrow().destroyForcibly();

      Awaitility.await("it answers again")
          .ignoreExceptions()
          .until(() -> one(postgres.address(), "select 1").equals("1"));
      assertThat(log.lines("died; starting it again")).hasSize(1);
      assertThat(log.text()).doesNotContain("Exception");
    }
  }

  @Test
  void one_left_over_by_a_killed_server_is_stopped_and_started_anew() throws Exception {
    Path path = temp.resolve("data");
    DataDirectory killed = DataDirectory.open(path);
    EmbeddedPostgres orphan = EmbeddedPostgres.start(killed, 16);
    String before = one(orphan.address(), "select pg_postmaster_start_time()");
    killed.close();

    try (DataDirectory data = DataDirectory.open(path);
        EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 16)) {
      assertThat(one(postgres.address(), "select pg_postmaster_start_time()")).isNotEqualTo(before);
    }
    orphan.close();
  }

  @Test
  void machines_are_named_as_the_archives_are() {
    assertThat(Binaries.resource("Linux", "amd64")).isEqualTo("postgres-linux-x86_64.txz");
    assertThat(Binaries.resource("Linux", "aarch64")).isEqualTo("postgres-linux-arm_64.txz");
    assertThat(Binaries.class.getResource("/postgres-linux-x86_64.txz")).isNotNull();
    assertThat(Binaries.class.getResource("/postgres-linux-arm_64.txz")).isNotNull();
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static Connection connect(DatabaseAddress address) throws SQLException {
    return DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  private static void execute(DatabaseAddress address, String sql) throws SQLException {
    try (Connection connection = connect(address);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String show(DatabaseAddress address, String setting) throws SQLException {
    return one(address, "show " + setting);
  }

  private static String one(DatabaseAddress address, String sql) throws SQLException {
    try (Connection connection = connect(address);
        Statement statement = connection.createStatement();
        ResultSet rs = statement.executeQuery(sql)) {
      rs.next();
      return String.valueOf(rs.getString(1));
    }
  }
}
