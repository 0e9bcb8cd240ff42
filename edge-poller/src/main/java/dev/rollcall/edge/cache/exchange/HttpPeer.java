// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import dev.rollcall.edge.cache.TimeLimit;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One server, a cache or an origin, and the connections to it that are kept for the next request.
 * Thread-safe.
 */
public final class HttpPeer implements AutoCloseable {
  /** Kept at most; the rest is closed after use. */
  private static final int MOST_IDLE = 16;

  private final URI address;
  private final Addresses addresses;
  private final Deque<HttpConnection> idle = new ArrayDeque<>();

  /**
   * @param address scheme, host and port
   */
  public HttpPeer(URI address, Addresses addresses) {
    this.address = address;
    this.addresses = addresses;
  }

  public URI address() {
    return address;
  }

  /**
   * Sends a request and passes the body of its answer on. A connection that was kept may have been
   * closed by the other side meanwhile; then, and only when nothing of an answer was seen, the
   * request is sent once more on a new one.
   *
   * @param sink also gets the bodies of answers that are no success
   * @throws NotAdmittedException when the host is only where it may not be
   * @throws NotConnectedException when it is certain that nothing was sent
   * @throws SocketTimeoutException when the time limit is over
   * @throws IOException when there is no whole answer
   * @throws InterruptedException when the thread is interrupted; the connection is closed
   */
  public Reply exchange(Request request, BodySink sink, TimeLimit limit)
      throws IOException, InterruptedException {
    HttpConnection kept = takeIdle();
    if (kept != null) {
      try {
        return on(kept, request, sink, limit);
      } catch (HttpConnection.NotAnsweredException e) {
        // The usual end of a kept connection; but it may have got the request before it ended.
      }
    }
    try {
      return on(HttpConnection.open(address, addresses, limit), request, sink, limit);
    } catch (HttpConnection.NotAnsweredException e) {
      throw new IOException("the connection was closed without an answer", e);
    } catch (NotConnectedException e) {
      throw interruptedOr(kept == null ? e : e.reason());
    } catch (IOException e) {
      throw interruptedOr(e);
    }
  }

  private Reply on(HttpConnection connection, Request request, BodySink sink, TimeLimit limit)
      throws IOException, InterruptedException {
    boolean reusable = false;
    try {
      Reply reply = connection.exchange(request, sink, limit);
      reusable = connection.reusable();
      return reply;
    } catch (HttpConnection.NotAnsweredException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw e;
    } catch (IOException e) {
      throw interruptedOr(e);
    } finally {
      if (!reusable || !keep(connection)) {
        connection.close();
      }
    }
  }

  /** A virtual thread that is interrupted in a socket finds it closed: that is no failure of it. */
  private static IOException interruptedOr(IOException e) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return e;
  }

  private @Nullable HttpConnection takeIdle() {
    synchronized (idle) {
      return idle.pollFirst();
    }
  }

  private boolean keep(HttpConnection connection) {
    synchronized (idle) {
      if (idle.size() >= MOST_IDLE) {
        return false;
      }
      idle.addFirst(connection);
      return true;
    }
  }

  @Override
  public void close() {
    synchronized (idle) {
      idle.forEach(HttpConnection::close);
      idle.clear();
    }
  }
}
