// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import dev.rollcall.server.config.FileReason;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL in a data directory: started, watched (started again should it die) and stopped. The
 * process is not a child of this one, so that a Ctrl-C in the terminal does not reach it before the
 * server has ended its own work.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final String USER = "rollcall";
  private static final int FAILED_STARTS_TOLD = 10;

  private final Path cluster;
  private final Path log;
  private final Programs programs;
  private final String password;
  private final int connections;
  private final PeriodicTask watch =
      new PeriodicTask("postgres-watch", Duration.ofMillis(500), this::startAgainIfDead);
  private int port;

  /** Since it died; used by the watch only. */
  private int failedStarts;

  private EmbeddedPostgres(DataDirectory directory, int connections) {
    this.cluster = directory.path().resolve("cluster");
    this.log = directory.path().resolve("postgresql.log");
    this.programs = new Programs(Binaries.in(directory.path()), log);
    this.password = directory.secret("postgresql-password");
    this.connections = connections;
  }

  /**
   * Starts the cluster of a data directory; makes it first if there is none. One left over from a
   * killed server is stopped before.
   *
   * @param connections how many the server will want
   */
  public static EmbeddedPostgres start(DataDirectory directory, int connections) {
    var postgres = new EmbeddedPostgres(directory, connections);
    if (!Files.exists(postgres.cluster)) {
      postgres.initialise(directory.path().resolve("cluster.new"));
    }
    postgres.stopLeftOver();
    postgres.startOn(freePort());
    postgres.watch.start();
    return postgres;
  }

  /** Where the cluster of a data directory runs now, if it does; for a second program beside it. */
  public static java.util.Optional<DatabaseAddress> running(Path data) {
    Path pidFile = data.resolve("cluster").resolve("postmaster.pid");
    Path passwordFile = data.resolve("postgresql-password");
    try {
      if (!Files.exists(pidFile) || !Files.exists(passwordFile)) {
        return java.util.Optional.empty();
      }
      List<String> lines = Files.readAllLines(pidFile);
      int port = Integer.parseInt(lines.get(3).strip());
      return java.util.Optional.of(address(port, Files.readString(passwordFile).strip()));
    } catch (IOException | RuntimeException e) {
      throw new EmbeddedException(pidFile + " cannot be read: " + e, e);
    }
  }

  private static DatabaseAddress address(int port, String password) {
    return new DatabaseAddress("jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, password);
  }

  public DatabaseAddress address() {
    return address(port, password);
  }

  private void initialise(Path fresh) {
    try {
      Binaries.delete(fresh);
      programs.run(
          START_LIMIT,
          "initdb",
          List.of(
              "--pgdata=" + fresh,
              "--username=" + USER,
              "--pwfile=" + cluster.resolveSibling("postgresql-password"),
              "--auth=scram-sha-256",
              "--encoding=UTF8",
              "--locale=C",
              "--data-checksums",
              "--no-instructions"));
      Files.writeString(
          fresh.resolve("postgresql.conf"),
          "include 'rollcall.conf'\n",
          java.nio.file.StandardOpenOption.APPEND);
      Files.move(fresh, cluster, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new EmbeddedException(
          "the cluster " + cluster + " could not be made: " + FileReason.named(e), e);
    }
  }

  private void startOn(int wanted) {
    port = wanted;
    writeSettings();
    programs.run(
        START_LIMIT.plusSeconds(10),
        "pg_ctl",
        List.of(
            "start",
            "--pgdata=" + cluster,
            "--wait",
            "--silent",
            "--timeout=" + START_LIMIT.toSeconds(),
            "--log=" + log));
    LOG.info("embedded PostgreSQL {} runs on port {}, data in {}", Binaries.VERSION, port, cluster);
  }

  private void writeSettings() {
    String settings =
        """
        # Written anew by the queue server at each start; put settings of your own into postgresql.conf.
        listen_addresses = '127.0.0.1'
        port = %d
        unix_socket_directories = ''
        max_connections = %d
        password_encryption = 'scram-sha-256'
        fsync = on
        full_page_writes = on
        synchronous_commit = on
        shared_buffers = '256MB'
        max_wal_size = '4GB'
        checkpoint_timeout = '15min'
        timezone = 'UTC'
        log_timezone = 'UTC'
        jit = off
        """
            .formatted(port, connections + 15);
    try {
      Files.writeString(cluster.resolve("rollcall.conf"), settings);
    } catch (IOException e) {
      throw new EmbeddedException(
          cluster.resolve("rollcall.conf") + " cannot be written: " + FileReason.of(e), e);
    }
  }

  /** Its own children may hold its memory for a moment longer; so the first tries may fail. */
  private void startAgainIfDead() {
    if (postmaster().isPresent()) {
      return;
    }
    if (failedStarts == 0) {
      LOG.error("the embedded PostgreSQL died; starting it again");
    }
    try {
      startOn(port);
      failedStarts = 0;
    } catch (EmbeddedException e) {
      failedStarts++;
      if (failedStarts == FAILED_STARTS_TOLD) {
        LOG.error(
            "the embedded PostgreSQL does not start: {}; it is tried again twice a second",
            e.getMessage());
      }
    }
  }

  private void stopLeftOver() {
    OptionalLong left = postmaster();
    if (left.isPresent()) {
      LOG.warn(
          "stopping a PostgreSQL (process {}) that a killed server left over", left.getAsLong());
      stop();
    }
  }

  /** The running postmaster of this cluster, by its own note and by what that process really is. */
  private OptionalLong postmaster() {
    Path file = cluster.resolve("postmaster.pid");
    try {
      if (!Files.exists(file)) {
        return OptionalLong.empty();
      }
      List<String> lines = Files.readAllLines(file);
      if (lines.size() < 2) {
        return OptionalLong.empty();
      }
      long pid = Long.parseLong(lines.getFirst().strip());
      boolean postgres =
          ProcessHandle.of(pid)
              .filter(ProcessHandle::isAlive)
              .flatMap(process -> process.info().command())
              .filter(command -> command.endsWith("/postgres"))
              .isPresent();
      return postgres ? OptionalLong.of(pid) : OptionalLong.empty();
    } catch (IOException | NumberFormatException e) {
      throw new EmbeddedException(file + " cannot be read: " + e, e);
    }
  }

  private void stop() {
    int status = stop("fast");
    if (status != 0 && postmaster().isPresent()) {
      LOG.warn("the embedded PostgreSQL did not stop in time; stopping it at once");
      status = stop("immediate");
    }
    if (status != 0 && postmaster().isPresent()) {
      throw new EmbeddedException("the PostgreSQL in " + cluster + " does not stop; see " + log);
    }
  }

  private int stop(String mode) {
    return programs.status(
        STOP_LIMIT.plusSeconds(10),
        "pg_ctl",
        List.of(
            "stop",
            "--pgdata=" + cluster,
            "--mode=" + mode,
            "--wait",
            "--silent",
            "--timeout=" + STOP_LIMIT.toSeconds()));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new EmbeddedException("no free port on loopback: " + FileReason.of(e), e);
    }
  }

  @Override
  public void close() {
    watch.close();
    if (postmaster().isPresent()) {
      stop();
    }
  }
}
