// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

final class IoReasonTest {
  @Test
  void it_says_what_failed_and_why() {
    assertThat(IoReason.of(new NoSuchFileException("/a"))).isEqualTo("/a does not exist");
    assertThat(IoReason.of(new AccessDeniedException("/a")))
        .isEqualTo("/a may not be used by this user");
    assertThat(IoReason.of(new FileSystemException("/a", null, "Read-only file system")))
        .isEqualTo("/a fails: Read-only file system");
    assertThat(IoReason.of(new UnknownHostException("q.example")))
        .isEqualTo("the host name cannot be resolved");
    assertThat(IoReason.of(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(IoReason.of(new IOException())).isEqualTo("IOException");
  }
}
