// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ResponseBufferTest {
  private static final String SIZED =
      wire(
          """
          HTTP/1.1 202 Accepted
          Content-Type: application/json
          Content-Length: 13

          {"a":"ü€"}\
          """);
  private static final String CHUNKED =
      wire(
          """
          HTTP/1.1 200 OK
          transfer-encoding: chunked

          3;name=ff
          {"a
          b
          ":"01234567
          2
          "}
          0

          """);

  private static String wire(String lines) {
    return lines.replace("\n", "\r\n");
  }

  private final ResponseBuffer buffer = new ResponseBuffer();

  /** Answers after how many bytes the response was whole. */
  private int feed(String response, int atOnce) throws IOException {
    byte[] bytes = response.getBytes(StandardCharsets.UTF_8);
    buffer.clear();
    for (int from = 0; from < bytes.length; from += atOnce) {
      int count = Math.min(atOnce, bytes.length - from);
      buffer.space().put(bytes, from, count);
      if (buffer.filled(count)) {
        return from + count;
      }
    }
    return -1;
  }

  @Test
  void a_response_is_whole_exactly_at_its_end_however_it_is_cut() throws IOException {
    for (String response : new String[] {SIZED, CHUNKED}) {
      int length = response.getBytes(StandardCharsets.UTF_8).length;
      for (int atOnce = 1; atOnce <= length; atOnce++) {
        assertThat(feed(response, atOnce)).as("by " + atOnce).isEqualTo(length);
      }
    }
  }

  @Test
  void status_and_body_are_read() throws IOException {
    feed(SIZED, 7);
    assertThat(buffer.status()).isEqualTo(202);
    assertThat(buffer.bodyText()).isEqualTo("{\"a\":\"ü€\"}");

    feed(CHUNKED, 7);
    assertThat(buffer.status()).isEqualTo(200);
    assertThat(buffer.bodyText()).isEqualTo("{\"a\":\"01234567\"}");
  }

  @Test
  void a_large_response_is_read_after_a_small_one_and_before_the_next() throws IOException {
    String body = "x".repeat(1_000_000);
    feed(SIZED, 100);
    feed("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + body, 999);
    assertThat(buffer.bodyText()).isEqualTo(body);
    feed(SIZED, 1_000);
    assertThat(buffer.status()).isEqualTo(202);
  }

  @Test
  void it_is_told_when_the_server_will_close() throws IOException {
    feed("HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 10);
    assertThat(buffer.isClosing()).isTrue();
    assertThat(buffer.status()).isEqualTo(503);

    feed(SIZED, 10);
    assertThat(buffer.isClosing()).isFalse();
  }

  @Test
  void what_is_not_http_is_refused() {
    assertThatThrownBy(() -> feed("220 smtp ready, what do you want?\r\n\r\n", 100))
        .isInstanceOf(IOException.class);
  }
}
