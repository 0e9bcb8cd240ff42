// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.protocol.json.Json;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The edge pollers, a process for each edge. Confined to one thread. */
final class Pollers {
  private static final Duration POLLED_LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /** Where everything is that a poller is told. */
  record World(URI server, Path java, Path edgePoller, int originPort, Map<Edge, Integer> varnish) {
    World {
      varnish = Map.copyOf(varnish);
    }
  }

  private final Children children;
  private final DemoDirectory directory;
  private final World world;
  private final Map<Edge, Children.Child> started = new LinkedHashMap<>();

  Pollers(Children children, DemoDirectory directory, World world) {
    this.children = children;
    this.directory = directory;
    this.world = world;
  }

  /** All at once; none is waited for. */
  void start(List<Edge> fleet, DemoApi api) throws InterruptedException {
    Map<Edge, String> tokens = new LinkedHashMap<>();
    for (Edge edge : fleet) {
      tokens.put(edge, api.serverToken(edge));
    }
    for (Edge edge : fleet) {
      Path own = directory.edge(edge);
      Path config = own.resolve("poller.yaml");
      DemoDirectory.delete(cache(edge)); // what an earlier demo loaded would prove nothing
      DemoDirectory.write(config, config(edge, own));
      List<String> command =
          List.of(
              world.java().toString(),
              "-Xmx64m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-jar",
              world.edgePoller().toString(),
              "run",
              "--config",
              config.toString());
      Map<String, String> token =
          Map.of("ROLLCALL_TOKEN", Objects.requireNonNull(tokens.get(edge)));
      String name = "the edge poller of " + edge.fullName();
      started.put(edge, children.start(name, command, token, own.resolve("poller.log")));
    }
  }

  /** Where an edge with a directory cache keeps its objects. */
  Path cache(Edge edge) {
    return directory.edge(edge).resolve("cache");
  }

  private String config(Edge edge, Path own) {
    String head =
        """
        # Written by the demo at each start. The token comes by ROLLCALL_TOKEN.
        server: %s
        state: %s
        capacity: 16
        waitSeconds: 30
        cache:
        """
            .formatted(world.server(), quoted(own.resolve("state").toString()));
    return head
        + (edge.varnish()
            ? """
              driver: varnish
              address: http://127.0.0.1:%d
            """
                .formatted(world.varnish().get(edge))
            : """
              driver: directory
              root: %s
              origins: {"%s": "http://127.0.0.1:%d"}
              purge: delete
            """
                .formatted(
                    quoted(DemoDirectory.make(cache(edge)).toString()),
                    DemoManifest.CONFIGURATION,
                    world.originPort()));
  }

  /** A JSON string is a YAML string. */
  private static String quoted(String text) {
    return Json.MAPPER.writeValueAsString(text);
  }

  /**
   * Returns when each has polled since {@code before} was read.
   *
   * @throws DemoException when one ended, or took too long
   */
  void awaitPolled(Map<String, String> before, DemoApi api, Waiting waiting)
      throws InterruptedException {
    boolean all =
        waiting.until(
            () -> {
              started.values().forEach(Pollers::mustLive);
              return silent(before, api.lastPolls()).isEmpty();
            },
            LOOK_AGAIN,
            POLLED_LIMIT);
    if (!all) {
      List<Edge> silent = silent(before, api.lastPolls());
      List<String> lines = new ArrayList<>();
      lines.add("Not polled within " + POLLED_LIMIT.toSeconds() + " s:");
      for (Edge edge : silent) {
        Children.Child child = Objects.requireNonNull(started.get(edge));
        lines.add("  " + edge.fullName() + ", see " + child.log());
      }
      throw new DemoException(lines);
    }
  }

  private List<Edge> silent(Map<String, String> before, Map<String, String> now) {
    return started.keySet().stream()
        .filter(edge -> {
          String polled = now.getOrDefault(edge.fullName(), "");
          return polled.isEmpty() || polled.equals(before.get(edge.fullName()));
        })
        .toList();
  }

  /** Those that have ended although nobody asked them to. */
  List<Children.Child> dead() {
    return started.values().stream().filter(child -> !child.isAlive()).toList();
  }

  private static void mustLive(Children.Child child) {
    if (!child.isAlive()) {
      List<String> lines = new ArrayList<>();
      lines.add(child.name() + " ended; the end of " + child.log() + ":");
      child.tail().forEach(line -> lines.add("  " + line));
      throw new DemoException(lines);
    }
  }
}
