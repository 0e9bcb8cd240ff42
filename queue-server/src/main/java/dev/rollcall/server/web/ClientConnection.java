// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/**
 * The connection that a request came over and on which its answer is awaited, for handlers that let
 * it wait. Confined to the request's thread.
 */
public final class ClientConnection {
  private final Context ctx;
  private final EndPoint endPoint;

  /**
   * @param ctx a request whose body has been read
   */
  public ClientConnection(Context ctx) {
    this.ctx = ctx;
    this.endPoint = endPoint(ctx);
  }

  static EndPoint endPoint(Context ctx) {
    return ServletContextRequest.getServletContextRequest(ctx.req())
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint();
  }

  /**
   * Whether the client closed it. Nothing tells the server so while it works on a request, only
   * reading does. A client that sends its next request without waiting for the answer is taken at
   * its word that it reads answers; as a byte of that request is lost to it, the connection ends
   * with this one. A client that vanished without a word, or behind a dead network, looks alive.
   */
  public boolean isGone() {
    ByteBuffer one = ByteBuffer.allocate(1);
    one.flip();
    int read;
    try {
      read = endPoint.fill(one);
    } catch (IOException e) {
      return true;
    }
    if (read > 0) {
      ctx.header("Connection", "close");
    }
    return read < 0;
  }
}
