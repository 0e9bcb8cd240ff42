// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A browser's view of a cache on this machine. By hand, because the JDK's client does not let the
 * Host header be another than the address.
 */
final class LoopbackHttp {
  static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");

  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Status line and headers, then the body, as they came. */
  record Reply(String text) {
    boolean isOk() {
      return text.startsWith("HTTP/1.1 200 ");
    }

    boolean isHit() {
      return text.contains("\r\nX-Cache: HIT\r\n");
    }
  }

  private LoopbackHttp() {}

  static Reply get(int port, String host, String path) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address(port), (int) LIMIT.toMillis());
      socket.setSoTimeout((int) LIMIT.toMillis());
      String request =
          "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new Reply(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
    }
  }

  static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(address(port), (int) LIMIT.toMillis());
      return true;
    } catch (IOException e) {
      return false; // not yet, which is what was asked
    }
  }

  /** A port that was free a moment ago. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, IPV4)) {
      return socket.getLocalPort();
    }
  }

  /** Whether a server could listen there now. */
  static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, IPV4)) {
      return true;
    } catch (IOException e) {
      return false; // taken, which is what was asked
    }
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(IPV4, port);
  }
}
