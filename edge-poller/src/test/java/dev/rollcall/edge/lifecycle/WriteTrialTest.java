// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WriteTrialTest {
  @TempDir private Path home;

  @Test
  void what_can_be_written_is_and_nothing_is_left_of_it() {
    assertThatCode(() -> WriteTrial.run(home, 200_000)).doesNotThrowAnyException();
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void what_looks_as_if_it_could_be_written_and_cannot_is_found_out() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> WriteTrial.run(Path.of("/proc"), 1));
  }

  @Test
  void the_room_for_a_directory_to_be_made_is_that_of_the_nearest_one() throws Exception {
    assertThat(WriteTrial.freeAbove(home.resolve("a/b"))).isPositive();
    assertThat(WriteTrial.freeAbove(Path.of("/proc/none/such"))).isZero();
  }
}
