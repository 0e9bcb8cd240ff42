// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A browser of a kind: one request on one connection, its bytes exactly as they are given, so that
 * tests do not look through the poller's own client.
 */
public final class Client {
  /**
   * @param headers by name in lower case
   */
  public record Answer(int status, Map<String, String> headers, String body) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /** By the X-Varnish header: two numbers for a hit. */
    public boolean isHit() {
      return header("x-varnish").contains(" ");
    }
  }

  private Client() {}

  public static Answer get(int port, String host, String target, String... headers)
      throws IOException {
    return send(port, "GET", host, target, headers);
  }

  public static Answer send(int port, String method, String host, String target, String... headers)
      throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(method + " " + target + " HTTP/1.1");
    lines.add("Host: " + host);
    lines.addAll(List.of(headers));
    lines.add("Connection: close");
    String request = String.join("\r\n", lines) + "\r\n\r\n";
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      var bytes = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(bytes);
      return answer(bytes.toString(ISO_8859_1));
    }
  }

  private static Answer answer(String text) {
    int end = text.indexOf("\r\n\r\n");
    String[] head = text.substring(0, end).split("\r\n", -1);
    Map<String, String> headers = new LinkedHashMap<>();
    for (int i = 1; i < head.length; i++) {
      int colon = head[i].indexOf(':');
      headers.put(
          head[i].substring(0, colon).toLowerCase(Locale.ROOT),
          head[i].substring(colon + 1).strip());
    }
    return new Answer(
        Integer.parseInt(head[0].split(" ", -1)[1]), headers, text.substring(end + 4));
  }
}
