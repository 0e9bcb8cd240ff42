// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContentTreeTest {
  @TempDir private Path root;
  private ContentTree tree;

  @BeforeEach
  void open() throws IOException {
    tree = new ContentTree(root.toRealPath());
  }

  @Test
  void directories_that_became_empty_go_up_to_one_that_is_not() throws IOException {
    Path host = Files.createDirectories(root.resolve("host"));
    Files.createFile(host.resolve("kept"));
    Path empty = Files.createDirectories(host.resolve("a/b"));

    tree.tidy(Set.of(empty));

    assertThat(host).isDirectoryNotContaining(path -> path.endsWith("a"));
    assertThat(host.resolve("kept")).exists();
  }

  @Test
  void a_file_that_was_placed_where_a_directory_was_stays() throws IOException {
    Path file = Files.createFile(Files.createDirectories(root.resolve("host/a")).resolve("b"));

    tree.tidy(Set.of(file));

    assertThat(file).exists();
  }

  @Test
  void a_directory_above_which_there_is_a_file_now_is_gone() throws IOException {
    Path file = Files.createFile(Files.createDirectories(root.resolve("host")).resolve("a"));

    tree.tidy(Set.of(file.resolve("b")));

    assertThat(file).exists();
  }
}
