// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Varnish processes, one for each edge that is to have one. Confined to one thread. */
final class VarnishCaches {
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final Children children;
  private final DemoDirectory directory;
  private final Path varnishd;
  private final String sample;
  private final Map<Edge, Running> running = new LinkedHashMap<>();

  private record Running(Children.Child child, int port) {}

  /**
   * @param sample the VCL that the edge poller brings along
   */
  VarnishCaches(Children children, DemoDirectory directory, Path varnishd, String sample) {
    this.children = children;
    this.directory = directory;
    this.varnishd = varnishd;
    this.sample = sample;
  }

  /** Returns before it is ready: compiling its VCL takes a second, in which more can be done. */
  void start(Edge edge, int originPort) {
    Path own = directory.edge(edge);
    DemoDirectory.write(own.resolve("rollcall.vcl"), sample);
    DemoDirectory.write(own.resolve("edge.vcl"), vcl(originPort));
    try {
      int port = LoopbackHttp.freePort();
      List<String> command = new ArrayList<>(List.of(varnishd.toString(), "-F"));
      if ("root".equals(System.getProperty("user.name"))) {
        command.addAll(List.of("-j", "none")); // its own user could not read the demo's directory
      }
      command.addAll(List.of("-n", DemoDirectory.make(own.resolve("varnish")).toString()));
      command.addAll(List.of("-a", "127.0.0.1:" + port, "-s", "malloc,32m"));
      command.addAll(List.of("-f", own.resolve("edge.vcl").toString()));
      Children.Child child =
          children.start(
              "Varnish of " + edge.fullName(), command, Map.of(), own.resolve("varnish.log"));
      running.put(edge, new Running(child, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String vcl(int originPort) {
    try (InputStream in = VarnishCaches.class.getResourceAsStream("/demo/edge.vcl")) {
      if (in == null) {
        throw new IllegalStateException("demo/edge.vcl is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("@ORIGIN_PORT@", String.valueOf(originPort));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where each listens, once it does. */
  Map<Edge, Integer> awaitReady(Waiting waiting) throws InterruptedException {
    Map<Edge, Integer> ports = new LinkedHashMap<>();
    for (Map.Entry<Edge, Running> entry : running.entrySet()) {
      Running varnish = entry.getValue();
      boolean ready =
          waiting.until(
              () -> !varnish.child().isAlive() || LoopbackHttp.accepts(varnish.port()),
              LOOK_AGAIN,
              READY_LIMIT);
      if (!ready || !varnish.child().isAlive()) {
        throw failed(varnish.child());
      }
      ports.put(entry.getKey(), varnish.port());
    }
    return ports;
  }

  private static DemoException failed(Children.Child child) {
    List<String> lines = new ArrayList<>();
    lines.add(child.name() + " did not start; the end of " + child.log() + ":");
    child.tail().forEach(line -> lines.add("  " + line));
    lines.add("Without it: demo --no-varnish");
    return new DemoException(lines);
  }
}
