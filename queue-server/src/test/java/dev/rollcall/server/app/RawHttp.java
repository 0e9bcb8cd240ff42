// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Sends bytes as they stand, which no HTTP client would, and reads one answer. */
final class RawHttp {
  private static final int TIMEOUT_MILLIS = 20_000;

  private RawHttp() {}

  /** {@code request} without the header Connection; the answer is read to the end. */
  static Api.Answer send(URI base, String request) {
    return send(base, request.getBytes(StandardCharsets.ISO_8859_1));
  }

  static Api.Answer send(URI base, byte[] request) {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      write(socket, request);
      return answer(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server that has answered already need not read the rest. */
  private static void write(Socket socket, byte[] request) throws IOException {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(request);
      out.flush();
    } catch (SocketException e) {
      if (socket.getInputStream().available() == 0) {
        throw e;
      }
    }
  }

  private static Api.Answer answer(InputStream in) throws IOException {
    String head = head(in);
    String[] lines = head.split("\r\n", -1);
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
      }
    }
    int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
    byte[] body = in.readNBytes(length);
    String[] status = lines[0].split(" ", 3);
    return new Api.Answer(
        status.length < 2 ? 0 : Integer.parseInt(status[1]),
        headers,
        new String(body, StandardCharsets.UTF_8));
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    while (true) {
      int b = in.read();
      if (b < 0) {
        return head.toString(StandardCharsets.ISO_8859_1);
      }
      head.write(b);
      String text = head.toString(StandardCharsets.ISO_8859_1);
      if (text.endsWith("\r\n\r\n")) {
        return text;
      }
    }
  }
}
