// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/** Brings a database's schema up to date, or says in what way it is not. */
public final class Schema {
  private final Flyway flyway;
  private final DatabaseAddress address;

  public Schema(DatabaseAddress address) {
    this.address = address;
    this.flyway =
        Flyway.configure()
            .dataSource(address.url(), address.user(), address.password())
            .locations("classpath:dev/rollcall/sql/migration")
            .defaultSchema("rollcall_migrations")
            .cleanDisabled(true)
            .validateOnMigrate(true)
            .baselineOnMigrate(false)
            .load();
  }

  /** A schema that this program cannot work with; the message tells the operator what to do. */
  public static final class SchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SchemaException(String message, Throwable cause) {
      super(message, cause);
    }

    SchemaException(String message) {
      super(message);
    }
  }

  /**
   * Applies what is missing; answers how many migrations that were. Safe to run by many at once.
   */
  public int migrate() {
    refuseNewer();
    try {
      return flyway.migrate().migrationsExecuted;
    } catch (FlywayException e) {
      throw new SchemaException(
          "the database " + address + " could not be migrated: " + firstLine(e), e);
    }
  }

  /** Fails unless the schema is exactly what this program needs. */
  public void check() {
    refuseNewer();
    long missing = info().pending().length;
    if (missing > 0) {
      throw new SchemaException(
          "the schema of "
              + address
              + " lacks "
              + missing
              + " migration(s): run queue-server migrate, or start with --migrate-on-start");
    }
  }

  private void refuseNewer() {
    long newer =
        Arrays.stream(info().all())
            .map(MigrationInfo::getState)
            .filter(state ->
                state == MigrationState.FUTURE_SUCCESS || state == MigrationState.FUTURE_FAILED)
            .count();
    if (newer > 0) {
      throw new SchemaException(
          "the schema of "
              + address
              + " is newer than this program knows; run a newer queue-server");
    }
  }

  private MigrationInfoService info() {
    try {
      return flyway.info();
    } catch (FlywayException e) {
      throw new SchemaException("the database " + address + " cannot be used: " + firstLine(e), e);
    }
  }

  private String firstLine(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return address
        .redacted(String.valueOf(cause.getMessage()))
        .lines()
        .findFirst()
        .orElse("no reason given");
  }
}
