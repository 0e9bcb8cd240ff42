// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An origin that gives each request a body of its own, and remembers what it was asked. */
public final class FakeOrigin implements AutoCloseable {
  /** Deals with a request instead of the usual answer. */
  @FunctionalInterface
  public interface Page {
    void serve(HttpExchange exchange) throws IOException, InterruptedException;
  }

  /** One request. */
  public record Asked(
      String method, String host, String target, Map<String, List<String>> headers) {}

  private final HttpServer http;
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  public FakeOrigin() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    http.setExecutor(task -> Thread.ofVirtual().start(task));
    http.createContext("/", this::handle);
    http.start();
  }

  public int port() {
    return http.getAddress().getPort();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** For one path with its query. */
  public void page(String target, Page page) {
    pages.put(target, page);
  }

  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** How often a path with its query was asked for. */
  public long asked(String target) {
    return asked.stream().filter(a -> a.target().equals(target)).count();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestURI().toString();
      Map<String, List<String>> headers = exchange.getRequestHeaders();
      @Nullable String host = exchange.getRequestHeaders().getFirst("Host");
      asked.add(new Asked(exchange.getRequestMethod(), host == null ? "" : host, target, headers));
      Page page = pages.get(target);
      if (page != null) {
        page.serve(exchange);
      } else {
        answer(exchange, 200, target + " for the " + asked(target) + ". time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().putIfAbsent("Cache-Control", List.of("max-age=600"));
    boolean none = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
    if (!none) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
