// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.database;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.embedded.DataDirectory;
import dev.rollcall.server.db.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A PostgreSQL of this program's own, made and started by the product's code, so with the settings
 * of its embedded one: durable. Confined to one thread.
 */
public final class Cluster implements AutoCloseable {
  private final DataDirectory directory;
  private final EmbeddedPostgres postgres;

  private Cluster(DataDirectory directory, EmbeddedPostgres postgres) {
    this.directory = directory;
    this.postgres = postgres;
  }

  public static Cluster start(Path data) {
    DataDirectory directory = DataDirectory.open(data);
    return new Cluster(directory, EmbeddedPostgres.start(directory, 30));
  }

  public Database database() {
    DatabaseAddress address = postgres.address();
    return new Database(address.url(), address.user(), address.password());
  }

  /**
   * Makes the cluster of a data directory, if there is none, count from its next start on how often
   * each statement is executed.
   */
  public static void countStatements(Path data) {
    try (Cluster cluster = start(data)) {
      cluster
          .database()
          .execute(
              "alter system set shared_preload_libraries = 'pg_stat_statements'",
              "create extension if not exists pg_stat_statements");
    }
  }

  public long postmasterPid() {
    return postmasterPid(directory.path());
  }

  /** The process that the cluster in a data directory says it runs as. */
  public static long postmasterPid(Path data) {
    Path file = data.resolve("cluster").resolve("postmaster.pid");
    try {
      return Long.parseLong(Files.readAllLines(file).getFirst().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    postgres.close();
    try {
      directory.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
