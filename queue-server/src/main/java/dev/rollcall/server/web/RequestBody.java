// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A body up to its limit. What goes wrong while it is read is the client's doing, or its network's:
 * it is told if it still listens, and nobody is alarmed. Confined to one request.
 */
final class RequestBody extends FilterInputStream {
  private static final Logger LOG = LoggerFactory.getLogger(RequestBody.class);

  private final long maxBytes;
  private final @Nullable BodyPace pace;
  private long count;

  /**
   * @param in what is sent
   * @param pace null: all of it is here already
   */
  RequestBody(InputStream in, long maxBytes, @Nullable BodyPace pace) {
    super(in);
    this.maxBytes = maxBytes;
    this.pace = pace;
  }

  static ApiException late() {
    return ApiException.of(408, "request-timeout", "The body did not come in time.");
  }

  static ApiException tooLarge(long maxBytes) {
    return ApiException.tooLarge("The body is larger than " + maxBytes + " bytes.");
  }

  @Override
  public int read() {
    try {
      int b = super.read();
      count(b < 0 ? b : 1);
      return b;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    try {
      int n = super.read(buffer, offset, length);
      count(n);
      return n;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** No more of it is waited for, whether or not its end was reached. */
  @Override
  public void close() throws IOException {
    endPace();
    super.close();
  }

  private void endPace() {
    if (pace != null) {
      pace.end();
    }
  }

  private void count(int n) {
    if (n < 0) {
      endPace();
    }
    count += Math.max(n, 0);
    if (count > maxBytes) {
      throw tooLarge(maxBytes);
    }
    if (n > 0 && pace != null) {
      pace.progressed(count);
    }
  }

  private static ApiException broken(IOException e) {
    LOG.debug("a body was not read to its end", e);
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof TimeoutException) {
        return late();
      }
    }
    return ApiException.of(400, "invalid", "The body ended before it was complete.");
  }
}
