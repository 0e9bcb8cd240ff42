// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import dev.rollcall.load.http.ResponseBuffer;
import dev.rollcall.load.http.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The socket of one edge, with the request going out or the response coming in. Confined. */
final class FleetConnection {
  private final SimulatedEdge edge;
  private final ResponseBuffer response = new ResponseBuffer();
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private @Nullable ByteBuffer request;

  /** Failures in a row. */
  private int failures;

  private int pauses;
  private boolean polling;
  private boolean leaving;

  FleetConnection(SimulatedEdge edge) {
    this.edge = edge;
  }

  SimulatedEdge edge() {
    return edge;
  }

  ResponseBuffer response() {
    return response;
  }

  boolean isOpen() {
    return channel != null;
  }

  /** Notes whether a poll is at the server; answers whether that is news. */
  boolean polls(boolean now) {
    boolean news = polling != now;
    polling = now;
    return news;
  }

  /** Its next poll is its last one, and is for nothing but to end the one before. */
  void leave() {
    leaving = true;
  }

  /** Whether that last poll was still to be made; now it is not any more. */
  boolean takesLeave() {
    boolean was = leaving;
    leaving = false;
    return was;
  }

  /** Begins a pause and ends the one it may be in; answers its number. */
  int pause() {
    return ++pauses;
  }

  /** The number of its latest pause. */
  int pauses() {
    return pauses;
  }

  int failed() {
    return ++failures;
  }

  void succeeded() {
    failures = 0;
  }

  void connect(Selector selector, Target target) throws IOException {
    SocketChannel opened = SocketChannel.open();
    channel = opened;
    opened.configureBlocking(false);
    opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
    opened.connect(target.address());
    key = opened.register(selector, SelectionKey.OP_CONNECT, this);
  }

  void finishConnect() throws IOException {
    Objects.requireNonNull(channel).finishConnect();
    Objects.requireNonNull(key).interestOps(SelectionKey.OP_READ);
  }

  void send(ByteBuffer next) throws IOException {
    request = next;
    response.clear();
    write();
  }

  /** Goes on with a request of which the socket did not take all at once. */
  void write() throws IOException {
    ByteBuffer rest = Objects.requireNonNull(request);
    Objects.requireNonNull(channel).write(rest);
    int wanted = rest.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
    SelectionKey registered = Objects.requireNonNull(key);
    if (registered.interestOps() != wanted) {
      registered.interestOps(wanted);
    }
  }

  /** Takes what has come in; answers whether the response is whole. */
  boolean read() throws IOException {
    while (true) {
      int count = Objects.requireNonNull(channel).read(response.space());
      if (count < 0) {
        throw new IOException("the server closed the connection");
      }
      if (count == 0) {
        return false;
      }
      if (response.filled(count)) {
        return true;
      }
    }
  }

  void close() {
    SocketChannel open = channel;
    channel = null;
    key = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
