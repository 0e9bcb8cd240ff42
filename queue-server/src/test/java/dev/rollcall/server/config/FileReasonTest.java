// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FileReasonTest {
  @Test
  void reasons_are_words_and_not_names_of_classes() {
    assertThat(FileReason.of(new NoSuchFileException("/nope"))).isEqualTo("it does not exist");
    assertThat(FileReason.of(new AccessDeniedException("/nope"))).isEqualTo("permission denied");
    assertThat(FileReason.of(new MalformedInputException(1))).isEqualTo("it is not UTF-8");
    assertThat(FileReason.of(new FileSystemException("/nope", null, "No space left on device")))
        .isEqualTo("no space left on device");
    assertThat(FileReason.of(new IOException("Is a directory"))).isEqualTo("is a directory");
    assertThat(FileReason.named(new NoSuchFileException("/nope")))
        .isEqualTo("/nope: it does not exist");
    assertThat(FileReason.of(new IOException())).isEqualTo("the system gives no reason");
  }

  @Test
  void a_secret_s_file_that_is_not_there_is_told_so() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ServerConfig.read(Map.of(), Map.of("ROLLCALL_ADMIN_TOKEN_FILE", "/nope")))
        .withMessage("ROLLCALL_ADMIN_TOKEN_FILE=/nope: cannot be read (it does not exist)");
  }
}
