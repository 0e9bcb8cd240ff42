// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;

/** Whether a server can listen where it is told to, and what to tell the operator if not. */
public final class ListenCheck {
  private ListenCheck() {}

  /**
   * Listens for a moment, before anything is made that would be of no use otherwise. Somebody else
   * may still take the port after that; who then fails to listen says so with {@link #refused}.
   *
   * @throws ConfigException when it cannot
   */
  public static void tryOut(ServerConfig.Listen listen) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true); // as the real one does: connections that linger do not count
      socket.bind(new InetSocketAddress(listen.host(), listen.port()));
    } catch (IOException e) {
      throw refused(listen, e);
    }
  }

  /** One line that names the setting, its value, the reason and what to do. */
  public static ConfigException refused(ServerConfig.Listen listen, Exception cause) {
    String value =
        listen.host().contains(":")
            ? "[" + listen.host() + "]:" + listen.port()
            : listen.host() + ":" + listen.port();
    String advice =
        isOfThisMachine(listen.host())
            ? "stop the program that holds it, or name another port (0 picks a free one)"
            : "name an address of this machine";
    var refused =
        new ConfigException(
            List.of(
                "%s is \"%s\", where this server cannot listen (%s); %s"
                    .formatted(ServerConfig.LISTEN.shown(), value, reason(cause), advice)));
    refused.initCause(cause);
    return refused;
  }

  private static boolean isOfThisMachine(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isAnyLocalAddress()
          || address.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (UnknownHostException | SocketException e) {
      return false;
    }
  }

  /** The operating system's, which is the innermost. */
  private static String reason(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return String.valueOf(innermost.getMessage());
  }
}
