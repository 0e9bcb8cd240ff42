// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.FakeQueueServer;
import dev.rollcall.edge.fake.PollerProcess;
import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The jar as a process, between a fake queue server and a fake origin, with a directory as cache
 * unless it is told otherwise.
 */
final class PollerBench {
  private final Path home;
  private final List<PollerProcess> started = new ArrayList<>();
  private final FakeOrigin origin = new FakeOrigin();
  private final Path config;
  private FakeQueueServer server = new FakeQueueServer();

  PollerBench(Path home) throws IOException {
    this(home, null);
  }

  /**
   * @param cache what is set for the cache; null: a directory
   */
  PollerBench(Path home, @Nullable String cache) throws IOException {
    this.home = home;
    Path token = Files.writeString(home.resolve("token"), FakeQueueServer.TOKEN);
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    config =
        Files.writeString(
            home.resolve("poller.yaml"),
            """
            server: %s
            tokenFile: %s
            state: %s
            capacity: 16
            waitSeconds: 30
            executionSeconds: 60
            cache: %s
            """
                .formatted(
                    server.address(),
                    token,
                    home.resolve("state"),
                    cache == null ? directory() : cache));
  }

  private String directory() {
    return "{driver: directory, root: \"%s\", origins: {\"alpha/acme-www\": \"%s\"}}"
        .formatted(home.resolve("content"), origin.address());
  }

  void stop() {
    started.forEach(PollerProcess::close);
    server.close();
    origin.close();
  }

  FakeQueueServer server() {
    return server;
  }

  void server(FakeQueueServer next) {
    server = next;
  }

  FakeOrigin origin() {
    return origin;
  }

  Path config() {
    return config;
  }

  PollerProcess start(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("run", "--config", config.toString()));
    arguments.addAll(List.of(more));
    PollerProcess poller = PollerProcess.start(home, Map.of(), arguments.toArray(String[]::new));
    started.add(poller);
    return poller;
  }

  /** Runs a subcommand to its end. */
  PollerProcess.Ended command(String... arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", config.toString()));
    return PollerProcess.run(home, Map.of(), all.toArray(String[]::new));
  }

  void awaitParked() {
    await("a poll is held by the server").until(() -> server.parked() == 1);
  }

  ResultItem awaitEnd(String command) {
    await(command + " ended").until(() -> server.end(command) != null);
    return Objects.requireNonNull(server.end(command));
  }

  static Executions load(String name) {
    return Executions.load(name, "https://www.acme.example/" + name);
  }

  Path content(String name) {
    return home.resolve("content/www.acme.example/" + name);
  }
}
