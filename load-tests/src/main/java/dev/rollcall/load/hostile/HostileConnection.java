// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.hostile;

import dev.rollcall.load.http.Target;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One socket of an attack. Confined to the thread of the attackers. */
final class HostileConnection {
  /** So little that a server which answers a lot has to wait for it. */
  private static final int RECEIVE_BUFFER = 4_096;

  private final Attack attack;
  private final byte[] first;
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private @Nullable ByteBuffer sending;
  private boolean connected;
  private long dueAt;

  HostileConnection(Attack attack, byte[] first, long dueAt) {
    this.attack = attack;
    this.first = first;
    this.dueAt = dueAt;
  }

  boolean isOpen() {
    return channel != null;
  }

  /** When something is to be done with it: connecting, or the next drip. */
  boolean isDue(long now) {
    return now - dueAt >= 0;
  }

  void dueAt(long at) {
    dueAt = at;
  }

  void connect(Selector selector, Target target) throws IOException {
    SocketChannel opened = SocketChannel.open();
    channel = opened;
    opened.configureBlocking(false);
    if (!attack.reads()) {
      opened.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
    }
    opened.connect(target.address());
    key = opened.register(selector, SelectionKey.OP_CONNECT, this);
  }

  void connected() throws IOException {
    connected = Objects.requireNonNull(channel).finishConnect();
    sending = ByteBuffer.wrap(first);
  }

  boolean isConnected() {
    return connected;
  }

  void drip() throws IOException {
    if (connected && sending == null && attack.drip().length > 0) {
      sending = ByteBuffer.wrap(attack.drip());
      write();
    }
  }

  void write() throws IOException {
    ByteBuffer rest = sending;
    SocketChannel open = Objects.requireNonNull(channel);
    if (rest != null) {
      open.write(rest);
      if (!rest.hasRemaining()) {
        sending = null;
        if (attack.closesItsSide()) {
          open.shutdownOutput();
        }
      }
    }
    int read = attack.reads() ? SelectionKey.OP_READ : 0;
    int write = sending == null ? 0 : SelectionKey.OP_WRITE;
    Objects.requireNonNull(key).interestOps(read | write);
  }

  /** Throws away what came; answers whether the server has closed. */
  boolean readToNowhere(ByteBuffer space) throws IOException {
    SocketChannel open = Objects.requireNonNull(channel);
    int count;
    do {
      space.clear();
      count = open.read(space);
    } while (count > 0);
    return count < 0;
  }

  void close() {
    SocketChannel open = channel;
    channel = null;
    key = null;
    sending = null;
    connected = false;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        key = null; // it is gone either way
      }
    }
  }
}
