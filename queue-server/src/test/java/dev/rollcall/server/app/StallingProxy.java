// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A way to a server on this machine that can be made to stall: connections stay open, new ones are
 * taken, and nothing moves. Thread-safe.
 */
final class StallingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean stalled;

  StallingProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("proxy").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void stall() {
    set(true);
  }

  void resume() {
    set(false);
  }

  private void set(boolean now) {
    lock.lock();
    try {
      stalled = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitFlow() throws InterruptedException {
    lock.lock();
    try {
      while (stalled) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listener.accept();
        sockets.add(near);
        Thread.ofVirtual().name("proxy").start(() -> connect(near));
      }
    } catch (IOException e) {
      assert listener.isClosed() : e;
    }
  }

  private void connect(Socket near) {
    var far = new Socket();
    sockets.add(far);
    try {
      awaitFlow();
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      Thread.ofVirtual().name("proxy").start(() -> pump(far, near));
      pump(near, far);
    } catch (IOException e) {
      closeQuietly(near);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[16 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitFlow();
        out.write(buffer, 0, read);
      }
      awaitFlow();
    } catch (IOException e) {
      // one side has gone; the other is told below
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closeQuietly(from);
    closeQuietly(to);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      assert socket.isClosed() : e;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    resume();
    sockets.forEach(StallingProxy::closeQuietly);
  }
}
