// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A poll's request, written as bytes into a buffer that is kept: head, then body. The length of the
 * body has a field of fixed width, filled in at the end. Confined to one thread.
 */
final class RequestBuffer {
  private static final int LENGTH_WIDTH = 7;
  private static final byte[] HEAD_END =
      ("0".repeat(LENGTH_WIDTH) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);

  private final byte[] head;
  private byte[] bytes;
  private int end;

  RequestBuffer(byte[] head) {
    this.head = head;
    this.bytes = Arrays.copyOf(head, head.length + 256);
  }

  void begin() {
    end = head.length;
    text(HEAD_END);
  }

  void text(byte[] ascii) {
    ensure(ascii.length);
    System.arraycopy(ascii, 0, bytes, end, ascii.length);
    end += ascii.length;
  }

  void text(String ascii) {
    int length = ascii.length();
    ensure(length);
    for (int i = 0; i < length; i++) {
      bytes[end + i] = (byte) ascii.charAt(i);
    }
    end += length;
  }

  void number(long number) {
    ensure(20);
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    long rest = number;
    for (int i = digits - 1; i >= 0; i--) {
      bytes[end + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    end += digits;
  }

  /** The whole request, ready to be written to a channel. */
  ByteBuffer finish() {
    int rest = end - head.length - HEAD_END.length;
    for (int i = LENGTH_WIDTH - 1; i >= 0; i--) {
      bytes[head.length + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return ByteBuffer.wrap(bytes, 0, end);
  }

  private void ensure(int more) {
    if (end + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + more));
    }
  }
}
