// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of one response as they come in. Fill {@link #space}, tell {@link #filled}, and when
 * that answers true read the status and the body; {@link #clear} makes room for the next response.
 * Confined to one thread.
 */
public final class ResponseBuffer {
  private static final int FIRST_SIZE = 2_048;
  private static final int LARGEST = 64 << 20;
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CHUNKED = "transfer-encoding:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSE = "connection: close".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[FIRST_SIZE];
  private ByteBuffer view = ByteBuffer.wrap(bytes);
  private int end;
  private int scanned;
  private int bodyFrom;
  private int bodyLength;
  private int status;
  private boolean chunked;
  private boolean closing;

  /** Where the next bytes go; valid until the next call. */
  public ByteBuffer space() {
    if (bytes.length - end < FIRST_SIZE / 2) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
      view = ByteBuffer.wrap(bytes);
    }
    return view.limit(bytes.length).position(end);
  }

  /**
   * So many bytes were put into {@link #space}.
   *
   * @return whether the response is whole
   */
  public boolean filled(int count) throws IOException {
    end += count;
    if (end > LARGEST) {
      throw new IOException("a response of more than " + LARGEST + " bytes");
    }
    if (bodyFrom == 0 && !readHead()) {
      return false;
    }
    return chunked ? readChunks() : end >= bodyFrom + bodyLength;
  }

  private boolean readHead() throws IOException {
    for (int i = Math.max(3, scanned); i < end; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        bodyFrom = i + 1;
        parseHead(i - 1);
        return true;
      }
    }
    scanned = end;
    return false;
  }

  private void parseHead(int headEnd) throws IOException {
    if (headEnd < 12 || bytes[0] != 'H') {
      throw new IOException("not an HTTP response");
    }
    status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + bytes[11] - '0';
    for (int i = 12; i < headEnd; i++) {
      if (bytes[i - 1] == '\n') {
        if (startsWith(LENGTH, i)) {
          bodyLength = number(i + LENGTH.length);
        } else if (startsWith(CHUNKED, i)) {
          chunked = true;
        } else if (startsWith(CLOSE, i)) {
          closing = true;
        }
      }
    }
  }

  private boolean startsWith(byte[] name, int at) {
    for (int i = 0; i < name.length; i++) {
      if (at + i >= end || (bytes[at + i] | (name[i] & 0x20)) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private int number(int from) {
    int number = 0;
    for (int i = from; bytes[i] != '\r'; i++) {
      if (bytes[i] >= '0' && bytes[i] <= '9') {
        number = number * 10 + bytes[i] - '0';
      }
    }
    return number;
  }

  /** Answers false and changes nothing until the last chunk is in; then moves them together. */
  private boolean readChunks() throws IOException {
    if (!walkChunks(false)) {
      return false;
    }
    walkChunks(true);
    return true;
  }

  private boolean walkChunks(boolean move) throws IOException {
    int at = bodyFrom;
    int to = bodyFrom;
    while (true) {
      int line = at;
      int size = 0;
      for (; line < end && Character.digit(bytes[line], 16) >= 0; line++) {
        size = size * 16 + Character.digit(bytes[line], 16);
      }
      while (line < end && bytes[line] != '\n') {
        line++;
      }
      int next = line + 1 + size + 2;
      if (next > end || next < 0) {
        return false;
      }
      if (size == 0) {
        bodyLength = to - bodyFrom;
        return true;
      }
      if (move) {
        System.arraycopy(bytes, line + 1, bytes, to, size);
      }
      to += size;
      at = next;
    }
  }

  public int status() {
    return status;
  }

  public byte[] bytes() {
    return bytes;
  }

  /** Where in {@link #bytes} the body begins. */
  public int bodyFrom() {
    return bodyFrom;
  }

  public int bodyLength() {
    return bodyLength;
  }

  public String bodyText() {
    return new String(bytes, bodyFrom, bodyLength, StandardCharsets.UTF_8);
  }

  /** Whether the server will close the connection after this response. */
  public boolean isClosing() {
    return closing;
  }

  /** Forgets the response; a large buffer is given back. */
  public void clear() {
    if (bytes.length > 64 * FIRST_SIZE) {
      bytes = new byte[FIRST_SIZE];
      view = ByteBuffer.wrap(bytes);
    }
    end = 0;
    scanned = 0;
    bodyFrom = 0;
    bodyLength = 0;
    status = 0;
    chunked = false;
    closing = false;
  }
}
