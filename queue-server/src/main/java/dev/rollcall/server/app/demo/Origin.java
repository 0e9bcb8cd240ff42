// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/** Plays www.acme.example: has every page, and counts how often it is asked. Thread-safe. */
final class Origin implements AutoCloseable {
  /** Stands in every page, so that a copy in a cache can be told from anything else there. */
  static final String MARK = "This page comes from the origin of the Rollcall demo.";

  private final HttpServer http;
  private final LongAdder asked = new LongAdder();

  private Origin(HttpServer http) {
    this.http = http;
  }

  static Origin start() {
    try {
      HttpServer http = HttpServer.create(new InetSocketAddress(LoopbackHttp.IPV4, 0), 128);
      var origin = new Origin(http);
      http.setExecutor(task -> Thread.ofVirtual().name("rollcall-demo-origin").start(task));
      http.createContext("/", origin::answer);
      http.start();
      return origin;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** How often anything was asked for. */
  long asked() {
    return asked.sum();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.increment();
      String path = exchange.getRequestURI().getRawPath();
      byte[] page = (path + "\n" + MARK + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
      exchange.getResponseHeaders().set("Cache-Control", "public, max-age=3600");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : page.length);
      if (!head) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(page);
        }
      }
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
