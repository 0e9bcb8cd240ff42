// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
  @TempDir private Path temp;

  @Test
  void a_second_holder_is_told_who_holds_the_directory() throws Exception {
    Path path = temp.resolve("data");
    try (DataDirectory first = DataDirectory.open(path)) {
      assertThat(first.path()).isEqualTo(path.toAbsolutePath());
      assertThatExceptionOfType(EmbeddedException.class)
          .isThrownBy(() -> DataDirectory.open(path))
          .withMessageContaining(path.toString())
          .withMessageContaining("process " + ProcessHandle.current().pid());
    }
    DataDirectory.open(path).close();
  }

  @Test
  void a_directory_that_cannot_be_made_is_an_error_that_names_it() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    assertThatExceptionOfType(EmbeddedException.class)
        .isThrownBy(() -> DataDirectory.open(file.resolve("data")))
        .withMessageContaining(file.toString());
  }

  @Test
  void what_is_somebody_elses_is_refused_and_stays_as_it_was() throws Exception {
    Path clone = Files.createDirectories(temp.resolve("clone"));
    Files.createDirectory(clone.resolve(".git"));
    Path locked = Files.createDirectories(temp.resolve("locked"));
    Files.writeString(locked.resolve("lock"), "4711\n");
    Path full = Files.createDirectories(temp.resolve("full"));
    Files.createFile(full.resolve("lock"));
    Files.createFile(full.resolve("notes.txt"));

    for (Path directory : List.of(clone, locked, full)) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      List<Path> before = entries(directory);
      assertThatExceptionOfType(EmbeddedException.class)
          .isThrownBy(() -> DataDirectory.open(directory))
          .withMessageStartingWith(directory + " is not empty and is no data directory");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwxr-xr-x");
      assertThat(entries(directory)).isEqualTo(before);
    }
    assertThat(locked.resolve("lock")).hasContent("4711");
  }

  @Test
  void what_is_empty_is_taken_and_what_was_taken_is_taken_again() throws Exception {
    Path empty = Files.createDirectories(temp.resolve("empty"));
    DataDirectory.open(empty).close();
    Files.createFile(empty.resolve("admin-token"));
    DataDirectory.open(empty).close();

    Path unwritten = Files.createDirectories(temp.resolve("unwritten"));
    Files.createFile(unwritten.resolve("lock"));
    DataDirectory.open(unwritten).close();
  }

  @Test
  void a_demo_inside_does_not_make_the_usual_directory_somebody_elses() throws Exception {
    Path usual = temp.resolve("rollcall-data");
    DataDirectory.open(usual.resolve("demo")).close();
    DataDirectory.open(usual).close();
    DataDirectory.open(usual.resolve("demo")).close();
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }
}
