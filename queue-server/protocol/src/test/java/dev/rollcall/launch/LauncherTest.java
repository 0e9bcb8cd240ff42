// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LauncherTest {
  @ParameterizedTest
  @CsvSource({"1.8, 8", "11, 11", "17, 17", "25, 25"})
  void both_old_and_new_version_numbers_are_understood(String version, int feature) {
    assertThat(Launcher.feature(version)).isEqualTo(feature);
  }
}
