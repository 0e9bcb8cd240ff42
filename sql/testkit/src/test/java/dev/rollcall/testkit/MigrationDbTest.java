// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.Test;

final class MigrationDbTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  @Test
  void an_empty_database_is_migrated_once_and_then_left_alone() {
    try (TestDatabase database = TestDatabase.empty()) {
      int pending = flyway(database).info().pending().length;

      assertThat(flyway(database).migrate().migrationsExecuted).isEqualTo(pending).isPositive();
      assertThat(flyway(database).migrate().migrationsExecuted).isZero();
      assertThat(flyway(database).validateWithResult().validationSuccessful).isTrue();
    }
  }

  @Test
  void twenty_at_once_migrate_one_database_once() throws Exception {
    try (TestDatabase database = TestDatabase.empty();
        ExecutorService threads = Executors.newFixedThreadPool(20)) {
      int pending = flyway(database).info().pending().length;
      List<Callable<Integer>> migrations = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        migrations.add(() -> flyway(database).migrate().migrationsExecuted);
      }

      int applied = 0;
      for (Future<Integer> migration : threads.invokeAll(migrations)) {
        applied += migration.get();
      }

      assertThat(applied).isEqualTo(pending);
    }
  }

  @Test
  void the_schema_is_the_one_in_the_snapshot() throws IOException {
    try (TestDatabase database = TestDatabase.migrated()) {
      List<String> schema = SchemaSnapshot.of(database.jdbi());
      Path expected = RESOURCES.resolve("schema.txt");
      Path actual = Path.of("target", "schema.txt");
      Files.write(actual, schema);

      assertThat(schema)
          .as(
              "if the change is meant: cp %s %s",
              actual.toAbsolutePath(), expected.toAbsolutePath())
          .isEqualTo(SchemaSnapshot.comparable(Files.readAllLines(expected), database.jdbi()));
    }
  }

  @Test
  void a_migration_that_was_released_is_never_edited() throws IOException {
    try (TestDatabase database = TestDatabase.migrated()) {
      List<String> checksums =
          Arrays.stream(flyway(database).info().all())
              .filter(migration -> migration.getVersion() != null)
              .filter(migration -> migration.getChecksum() != null)
              .map(MigrationDbTest::line)
              .toList();
      Path expected = RESOURCES.resolve("migration-checksums.txt");
      Path actual = Path.of("target", "migration-checksums.txt");
      Files.write(actual, checksums);

      assertThat(checksums)
          .as("for a new migration: cp %s %s", actual.toAbsolutePath(), expected.toAbsolutePath())
          .isEqualTo(Files.readAllLines(expected));
    }
  }

  private static String line(MigrationInfo migration) {
    return migration.getScript() + " " + migration.getChecksum();
  }

  private static Flyway flyway(TestDatabase database) {
    return Flyway.configure()
        .dataSource(database.dataSource())
        .locations("classpath:dev/rollcall/sql/migration")
        .defaultSchema("rollcall_migrations")
        .load();
  }
}
