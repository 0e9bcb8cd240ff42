// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UsableTest {
  @TempDir private Path home;

  @Test
  void what_is_there_is_used_and_what_is_not_is_made() {
    assertThat(Usable.of(home)).isEqualTo(Usable.YES);
    assertThat(Usable.of(home.resolve("a/b/c"))).isEqualTo(Usable.TO_BE_MADE);
  }

  @Test
  void a_file_is_no_directory_and_has_nothing_below_it() throws Exception {
    Path file = Files.writeString(home.resolve("file"), "");

    assertThat(Usable.of(file)).isEqualTo(Usable.NO_DIRECTORY);
    assertThat(Usable.of(file.resolve("below"))).isEqualTo(Usable.NOT_TO_BE_MADE);
    assertThat(Usable.of(Path.of("/proc/below")))
        .satisfies(u -> assertThat(u.words()).isNotBlank());
  }
}
