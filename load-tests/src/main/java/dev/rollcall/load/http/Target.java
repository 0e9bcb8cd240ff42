// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.http;

import java.net.InetSocketAddress;
import java.net.URI;

/** Where a queue server listens. */
public record Target(String host, int port) {
  public static Target of(URI uri) {
    return new Target(uri.getHost(), uri.getPort());
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  /** The head of a request, up to the number of its body's bytes. */
  public String head(String method, String path, String token) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: "
        + host
        + ":"
        + port
        + "\r\nAuthorization: Bearer "
        + token
        + "\r\nAccept: application/json\r\nContent-Type: application/json"
        + "\r\nContent-Length: ";
  }
}
