// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is still to come of a body whose request is refused. Many clients send all of it before they
 * read anything. If the connection were closed meanwhile they would see a reset and not the reason,
 * so it is read and thrown away, within bounds.
 */
final class Leftover {
  /** Some thousand servers in a manifest. */
  static final long MOST_BYTES = 32 << 20;

  static final Duration LONGEST = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Leftover.class);

  /** All write into it at once, nobody reads it: a buffer for each would be memory for nothing. */
  private static final byte[] NOWHERE = new byte[16 << 10];

  private static final String WANTED = Leftover.class.getName();

  private Leftover() {}

  /** The body is going to be read: a client that waits for a word to send it gets that word. */
  static void wanted(Context ctx) {
    ctx.attribute(WANTED, true);
  }

  /** Reads to the end, if that is not far. */
  static void discard(Context ctx) {
    boolean heldBack = ctx.header("Expect") != null && ctx.attribute(WANTED) == null;
    if (heldBack || ctx.req().getContentLengthLong() > MOST_BYTES) {
      return;
    }
    EndPoint endPoint = ClientConnection.endPoint(ctx);
    endPoint.setIdleTimeout(LONGEST.toMillis());
    try {
      readToNowhere(ctx.bodyInputStream());
    } catch (IOException e) {
      LOG.debug("a body that nobody wants ended early", e);
    }
    endPoint.setIdleTimeout(HttpServer.IDLE.toMillis());
  }

  private static void readToNowhere(InputStream body) throws IOException {
    long end = System.nanoTime() + LONGEST.toNanos();
    long count = 0;
    int n = body.read(NOWHERE);
    while (n >= 0 && count <= MOST_BYTES && System.nanoTime() < end) {
      count += n;
      n = body.read(NOWHERE);
    }
  }
}
