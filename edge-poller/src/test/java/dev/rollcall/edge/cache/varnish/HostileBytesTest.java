// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.execute.ExecutionsToTasks;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.HostileDraw;
import dev.rollcall.edge.lifecycle.Ticker;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the driver writes to a cache, byte by byte: whatever the parameters hold, requests have the
 * one form that rollcall.vcl reads, and name no host but the configuration's.
 */
final class HostileBytesTest {
  private static final int DRAWS = 20_000;
  private static final String HOST = Executions.HOST;
  private static final Pattern PLAIN = Pattern.compile("/[!$&'()*+,./0-9:;=?@A-Z_a-z~-]*");
  private static final Pattern TRIPLET = Pattern.compile("%[2-9A-F][0-9A-F]");

  /** Of a path only: in a query dots are dots. */
  private static final Pattern CLIMBS = Pattern.compile("(/|%2F|%5C)\\.\\.?(/|%2F|%5C|$)");

  private static final Pattern REGEX = Pattern.compile("[!-~]{1,6000}");
  private static final Set<String> MATCHES = Set.of("all", "url", "path");
  private static final String ANSWER =
      String.join(
          "\r\n",
          "HTTP/1.1 200 OK",
          "X-Rollcall-Vcl: 1",
          "X-Rollcall-Stored: yes",
          "Content-Length: 0",
          "",
          "");

  private final Queue<String> heads = new ConcurrentLinkedQueue<>();
  private ServerSocket cache;
  private VarnishDriver driver;

  @BeforeEach
  void start() throws IOException {
    cache = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
    URI address = URI.create("http://127.0.0.1:" + cache.getLocalPort());
    driver =
        new VarnishDriver(
            new CacheConfig.Varnish(address), Ticker.system(), List.of(Duration.ofHours(1)));
    driver.start();
  }

  @AfterEach
  void stop() throws Exception {
    driver.stop();
    cache.close();
  }

  private void accept() {
    while (!cache.isClosed()) {
      try {
        Socket socket = cache.accept();
        Thread.ofVirtual().start(() -> answer(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (String head = head(in); !head.isEmpty(); head = head(in)) {
        heads.add(head);
        socket.getOutputStream().write(ANSWER.getBytes(ISO_8859_1));
      }
    } catch (IOException e) {
      heads.add("broken: " + e);
    }
  }

  /** Up to the first empty line; what a parameter put behind it is the next head. */
  private static String head(InputStream in) throws IOException {
    var out = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      out.append((char) c);
      if (out.length() >= 4 && out.substring(out.length() - 4).equals("\r\n\r\n")) {
        break;
      }
    }
    return out.toString();
  }

  @Test
  void requests_have_one_form_whatever_the_parameters_hold() throws Exception {
    long seed = System.nanoTime();
    System.out.println("HostileBytesTest seed " + seed);
    var random = new SplittableRandom(seed);
    var draw = new HostileDraw(random);
    Set<String> carriedOut = new HashSet<>();
    for (int i = 0; i < DRAWS; i++) {
      String parameters = draw.parameters();
      String operation = List.of("purge", "invalidate", "load").get(random.nextInt(3));
      CacheReply reply =
          ExecutionsToTasks.run(driver, Executions.of("c", operation, parameters).widen().build());
      for (String head = heads.poll(); head != null; head = heads.poll()) {
        carriedOut.add(head.substring(0, head.indexOf(' ')));
        assertThat(problem(head))
            .as("%s %s sent %s (seed %s)", operation, parameters, head, seed)
            .isEmpty();
      }
      assertThat(reply).as("%s (seed %s)", parameters, seed).isNotNull();
    }
    assertThat(carriedOut).containsExactlyInAnyOrder("PURGE", "BAN", "GET");
  }

  /** What is wrong with a request; empty when nothing is. */
  private static String problem(String head) {
    String[] lines = head.split("\r\n", -1);
    String[] words = lines[0].split(" ", -1);
    if (words.length != 3 || !words[2].equals("HTTP/1.1")) {
      return "the request line is no three words";
    }
    String path = words[1].replaceFirst("\\?.*", "");
    if (!isNormal(words[1]) || CLIMBS.matcher(path).find()) {
      return "the target is not normal";
    }
    var seen = new HashSet<String>();
    for (int i = 1; i < lines.length - 2; i++) {
      int colon = lines[i].indexOf(": ");
      String name = colon < 0 ? "" : lines[i].substring(0, colon);
      if (!seen.add(name) || !allowed(words[0], name, lines[i].substring(colon + 2))) {
        return "the header " + lines[i];
      }
    }
    return seen.contains("Host") ? "" : "no Host";
  }

  private static boolean isNormal(String target) {
    return PLAIN.matcher(TRIPLET.matcher(target).replaceAll("")).matches();
  }

  private static boolean allowed(String method, String name, String value) {
    return switch (name) {
      case "Host" -> value.equals(HOST);
      case "User-Agent" -> value.equals("rollcall-edge-poller");
      case "Accept-Encoding" -> method.equals("GET") && value.equals("gzip");
      case "X-Rollcall" ->
          method.equals("GET") ? value.equals("load") : Set.of("hard", "soft").contains(value);
      case "X-Rollcall-Hosts" -> method.equals("BAN") && value.equals(HOST);
      case "X-Rollcall-Match" -> method.equals("BAN") && MATCHES.contains(value);
      case "X-Rollcall-Regex" -> method.equals("BAN") && REGEX.matcher(value).matches();
      default -> false;
    };
  }
}
