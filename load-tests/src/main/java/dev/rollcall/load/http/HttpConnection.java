// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A blocking connection that is opened when needed and kept, but not used again after a long pause:
 * the server may be closing it at that moment. Confined to one thread at a time.
 */
public final class HttpConnection implements AutoCloseable {
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(20);

  private final Target target;
  private final String token;
  private final Duration longestAnswer;
  private final ResponseBuffer response = new ResponseBuffer();
  private @Nullable Socket socket;
  private long usedAt;

  /**
   * @param longestAnswer how long a response may take
   */
  public HttpConnection(Target target, String token, Duration longestAnswer) {
    this.target = target;
    this.token = token;
    this.longestAnswer = longestAnswer;
  }

  /** A response, whole. */
  public record Answer(int status, String body) {
    /**
     * @throws IOException with what the server said, unless the status is this one
     */
    public Answer require(int wanted) throws IOException {
      if (status != wanted) {
        throw new IOException(
            "status "
                + status
                + " instead of "
                + wanted
                + ": "
                + body.strip().lines().findFirst().orElse(""));
      }
      return this;
    }
  }

  public Answer get(String path) throws IOException {
    return send("GET", path, "");
  }

  public Answer post(String path, String json) throws IOException {
    return send("POST", path, json);
  }

  public Answer put(String path, String json) throws IOException {
    return send("PUT", path, json);
  }

  private Answer send(String method, String path, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        (target.head(method, path, token) + bytes.length + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8);
    byte[] request = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, request, head.length, bytes.length);
    boolean whole = false;
    try {
      Socket open = open();
      open.getOutputStream().write(request);
      read(open.getInputStream());
      usedAt = System.nanoTime();
      whole = !response.isClosing();
      return new Answer(response.status(), response.bodyText());
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  private Socket open() throws IOException {
    if (System.nanoTime() - usedAt > LONGEST_PAUSE) {
      close();
    }
    if (socket == null) {
      socket = new Socket(target.host(), target.port());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(Math.toIntExact(longestAnswer.toMillis()));
    }
    return socket;
  }

  private void read(InputStream in) throws IOException {
    response.clear();
    boolean whole = false;
    while (!whole) {
      ByteBuffer space = response.space();
      int count = in.read(response.bytes(), space.position(), space.remaining());
      if (count < 0) {
        throw new IOException("the server closed the connection");
      }
      whole = response.filled(count);
    }
  }

  @Override
  public void close() throws IOException {
    Socket open = socket;
    socket = null;
    if (open != null) {
      open.close();
    }
  }
}
