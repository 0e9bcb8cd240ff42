// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class RequestBodyTest {
  private static InputStream failing(IOException e) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw e;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        throw e;
      }
    };
  }

  private static void refused(InputStream in, int status, String code) {
    var body = new RequestBody(in, 4, null);
    assertThatThrownBy(body::readAllBytes)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.status()).isEqualTo(status);
              assertThat(e.code()).isEqualTo(code);
            });
  }

  @Test
  void a_body_up_to_its_limit_is_read_and_a_larger_one_refused() throws IOException {
    assertThat(new RequestBody(new ByteArrayInputStream(new byte[4]), 4, null).readAllBytes())
        .hasSize(4);
    refused(new ByteArrayInputStream(new byte[5]), 413, "too-large");
  }

  @Test
  void a_body_that_breaks_off_is_a_bad_request_and_one_that_comes_too_slowly_a_timeout() {
    refused(failing(new IOException("reset")), 400, "invalid");
    refused(failing(new IOException(new TimeoutException("idle"))), 408, "request-timeout");
  }
}
