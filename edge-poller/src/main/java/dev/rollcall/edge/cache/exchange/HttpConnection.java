// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import dev.rollcall.edge.cache.TimeLimit;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** One connection, one exchange at a time. Confined to the thread that took it. */
final class HttpConnection implements AutoCloseable {
  /** The connection ended before the first byte of an answer. */
  static final class NotAnsweredException extends IOException {
    private static final long serialVersionUID = 1L;

    NotAnsweredException(@Nullable Throwable cause) {
      super("closed before an answer", cause);
    }
  }

  private static final int LONGEST_LINE = 16 << 10;
  private static final int MOST_HEADERS = 200;
  private static final int BUFFER = 16 << 10;

  private final Socket socket;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;
  private boolean reusable;

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  /**
   * Looks the host up once, and connects to what was found and admitted: who controls its name
   * cannot give another answer in between.
   */
  static HttpConnection open(URI address, Addresses addresses, TimeLimit limit) throws IOException {
    boolean tls = address.getScheme().equals("https");
    int port = address.getPort() >= 0 ? address.getPort() : tls ? 443 : 80;
    String host = address.getHost().replaceAll("[\\[\\]]", "");
    InetAddress at = admitted(host, addresses);
    var socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      connect(socket, new InetSocketAddress(at, port), millis(limit));
      return new HttpConnection(tls ? secured(socket, host, port, limit) : socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static InetAddress admitted(String host, Addresses addresses) throws IOException {
    List<InetAddress> found;
    try {
      found = addresses.lookup().of(host);
    } catch (UnknownHostException e) {
      throw new NotConnectedException(e);
    }
    for (InetAddress address : found) {
      if (addresses.admitted().test(address)) {
        return address;
      }
    }
    throw new NotAdmittedException(found);
  }

  /** When the time is over it is not known whether anybody is there, only that it took long. */
  private static void connect(Socket socket, InetSocketAddress to, int millis) throws IOException {
    try {
      socket.connect(to, millis);
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      throw new NotConnectedException(e);
    }
  }

  /** The certificate must be for the host of the address, not for the one in the request. */
  private static Socket secured(Socket plain, String host, int port, TimeLimit limit)
      throws IOException {
    plain.setSoTimeout(millis(limit));
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    var socket = (SSLSocket) factory.createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static int millis(TimeLimit limit) throws SocketTimeoutException {
    Duration remaining = limit.remaining();
    if (!remaining.isPositive()) {
      throw new SocketTimeoutException("the time limit is over");
    }
    return Math.clamp(remaining.toMillis(), 1, Integer.MAX_VALUE);
  }

  boolean reusable() {
    return reusable;
  }

  Reply exchange(Request request, BodySink sink, TimeLimit limit) throws IOException {
    reusable = false;
    String statusLine = send(request, limit);
    Reply reply = head(statusLine, limit);
    while (reply.status() >= 100 && reply.status() < 200) {
      reply = head(line(limit), limit);
    }
    boolean delimited = body(request, reply, sink, limit);
    reusable =
        delimited
            && statusLine.startsWith("HTTP/1.1 ")
            && !"close".equalsIgnoreCase(reply.header("connection"));
    return reply;
  }

  private String send(Request request, TimeLimit limit) throws IOException {
    int first;
    try {
      socket.getOutputStream().write(request.toBytes());
      first = read(limit);
    } catch (SocketException e) {
      throw new NotAnsweredException(e);
    }
    if (first < 0) {
      throw new NotAnsweredException(null);
    }
    return (char) first + line(limit);
  }

  private Reply head(String statusLine, TimeLimit limit) throws IOException {
    if (!statusLine.matches("HTTP/1\\.[01] [1-9][0-9]{2}( .*)?")) {
      throw new IOException("what answers does not speak HTTP/1.1");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(limit); !line.isEmpty(); line = line(limit)) {
      int colon = line.indexOf(':');
      if (colon <= 0 || headers.size() >= MOST_HEADERS) {
        throw new IOException("the header of the answer cannot be read");
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    return new Reply(status, statusLine.length() > 13 ? statusLine.substring(13) : "", headers);
  }

  /** Answers whether the end of the body was told by anything but the end of the connection. */
  private boolean body(Request request, Reply reply, BodySink sink, TimeLimit limit)
      throws IOException {
    int status = reply.status();
    if (request.method().equals("HEAD") || status == 204 || status == 304) {
      return true;
    }
    String coding = reply.header("transfer-encoding");
    String length = reply.header("content-length");
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked")) {
        throw new IOException("a transfer coding that is not known");
      }
      chunks(sink, limit);
    } else if (length != null) {
      if (!length.matches("[0-9]{1,18}")) {
        throw new IOException("a Content-Length that is no number");
      }
      pass(Long.parseLong(length), sink, limit);
    } else {
      while (fill(limit)) {
        pass(end - at, sink, limit);
      }
      return false;
    }
    return true;
  }

  private void chunks(BodySink sink, TimeLimit limit) throws IOException {
    while (true) {
      String size = line(limit).replaceFirst("[ \t]*;.*", "").strip();
      if (!size.matches("[0-9A-Fa-f]{1,15}")) {
        throw new IOException("the size of a chunk cannot be read");
      }
      long length = Long.parseLong(size, 16);
      if (length == 0) {
        break;
      }
      pass(length, sink, limit);
      if (!line(limit).isEmpty()) {
        throw new IOException("a chunk is longer than its size");
      }
    }
    while (!line(limit).isEmpty()) {
      // trailers say nothing that is needed here
    }
  }

  private void pass(long length, BodySink sink, TimeLimit limit) throws IOException {
    for (long left = length; left > 0; ) {
      if (!fill(limit)) {
        throw new EOFException("the answer ends in the middle of its body");
      }
      int n = (int) Math.min(left, end - at);
      sink.take(buffer, at, n);
      at += n;
      left -= n;
    }
  }

  private String line(TimeLimit limit) throws IOException {
    var out = new StringBuilder();
    for (int c = read(limit); c != '\n'; c = read(limit)) {
      if (c < 0) {
        throw new EOFException("the answer ends in the middle of its header");
      }
      if (out.length() >= LONGEST_LINE) {
        throw new IOException("a line of the answer is too long");
      }
      out.append((char) c);
    }
    int end = out.length();
    return end > 0 && out.charAt(end - 1) == '\r' ? out.substring(0, end - 1) : out.toString();
  }

  private int read(TimeLimit limit) throws IOException {
    return fill(limit) ? buffer[at++] & 0xff : -1;
  }

  /** Sees to it that there is something in the buffer; false at the end. */
  private boolean fill(TimeLimit limit) throws IOException {
    if (at < end) {
      return true;
    }
    socket.setSoTimeout(millis(limit));
    at = 0;
    end = Math.max(0, in.read(buffer));
    return end > 0;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      reusable = false; // it is gone either way
    }
  }
}
