// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.journey;

import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.fake.Client;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.PollerProcess;
import dev.rollcall.edge.fake.Varnish;
import dev.rollcall.load.http.HttpConnection;
import dev.rollcall.load.process.ServerOptions;
import dev.rollcall.load.process.ServerProcess;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * A queue server, an origin, and the edge servers {@code alpha/lax-01} and {@code beta/fra-01},
 * each with a Varnish and a poller. Confined to one thread.
 */
final class TwoOperators implements AutoCloseable {
  static final List<String> SERVERS = List.of("alpha/lax-01", "beta/fra-01");

  private static final String ADMIN = "an-operator-token-of-more-than-32-characters";
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(90);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String MANIFEST =
      """
      {"participants": [
        {"name": "alpha", "delivery": "poll", "servers": [{"name": "lax-01"}],
         "configurations": [
           {"name": "www", "hosts": ["www.acme.example"], "deployments": ["alpha/lax-01", "beta/fra-01"]},
           {"name": "other", "hosts": ["www.other.example"], "deployments": ["alpha/lax-01", "beta/fra-01"]}]},
        {"name": "beta", "delivery": "poll", "servers": [{"name": "fra-01"}],
         "exposures": [{"to": "alpha", "servers": ["*"], "operations": ["purge", "load", "warm-up"], "hosts": ["*"]}]}]}
      """;

  private final Path home;
  private final FakeOrigin origin;
  private final ServerProcess server;
  private final HttpConnection operator;
  private final Map<String, Varnish> caches = new HashMap<>();
  private final Map<String, PollerProcess> pollers = new HashMap<>();

  private TwoOperators(Path home) throws IOException {
    this.home = home;
    origin = new FakeOrigin();
    Path jar = Path.of("../queue-server/target/queue-server.jar").toAbsolutePath().normalize();
    server =
        ServerProcess.start(new ServerOptions(jar, home.resolve("data"), null, List.of(), ADMIN));
    operator = new HttpConnection(server.target(), ADMIN, LONGEST_ANSWER);
  }

  static TwoOperators start(Path home) throws IOException, InterruptedException {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    var federation = new TwoOperators(home);
    boolean ready = false;
    try {
      federation.operator.put("/v1/registry", MANIFEST).require(200);
      for (String name : SERVERS) {
        federation.startCache(name, Varnish.freePort());
        federation.startPoller(name);
      }
      ready = true;
      return federation;
    } finally {
      if (!ready) {
        federation.close();
      }
    }
  }

  private Path own(String name) throws IOException {
    return Files.createDirectories(home.resolve(name.replace('/', '-')));
  }

  private void startCache(String name, int port) throws IOException, InterruptedException {
    caches.put(name, Varnish.start(own(name), port, origin.port(), ""));
  }

  private void startPoller(String name) throws IOException {
    String path = "/v1/participants/" + name.replace("/", "/servers/") + "/token";
    Path token =
        Files.writeString(
            own(name).resolve("token"),
            json(operator.post(path, "").require(201)).path("token").asString());
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    Path config =
        Files.writeString(
            own(name).resolve("poller.yaml"),
            """
            server: http://127.0.0.1:%d
            tokenFile: %s
            state: %s
            cache: {driver: varnish, address: "%s"}
            """
                .formatted(
                    server.target().port(),
                    token,
                    own(name).resolve("state"),
                    cache(name).address()));
    pollers.put(
        name, PollerProcess.start(own(name), Map.of(), "run", "--config", config.toString()));
  }

  private static JsonNode json(HttpConnection.Answer answer) {
    return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
  }

  private Varnish cache(String name) {
    return Objects.requireNonNull(caches.get(name));
  }

  /** What the poller of one edge server logged so far. */
  String logOfPoller(String name) throws IOException {
    return Objects.requireNonNull(pollers.get(name)).err();
  }

  void stopCache(String name) {
    cache(name).close();
  }

  /** Where it was before, and empty. */
  void startCacheAgain(String name) throws IOException, InterruptedException {
    startCache(name, cache(name).port());
  }

  /** What a client of one edge server gets. */
  Client.Answer get(String name, String host, String target) throws IOException {
    return Client.get(cache(name).port(), host, target);
  }

  void defineOperation(String name, String schema) throws IOException {
    operator.put("/v1/operations/" + name, schema).require(204);
  }

  /** Submits a command for {@code alpha/www}; answers its id. */
  String submit(String operation, String parameters) throws IOException {
    String body =
        """
        {"operation": "%s", "target": {"configuration": "alpha/www"}, "parameters": %s}
        """
            .formatted(operation, parameters);
    return json(operator.post("/v1/commands", body).require(202)).path("id").asString();
  }

  JsonNode command(String id) throws IOException {
    return json(operator.get("/v1/commands/" + id).require(200));
  }

  JsonNode awaitEnd(String id) {
    return await(id + " has ended")
        .atMost(LIMIT)
        .until(() -> command(id), command -> !command.path("completedAt").isNull());
  }

  /** Submits a command and waits until it is complete everywhere. */
  JsonNode complete(String operation, String parameters) throws IOException {
    JsonNode command = awaitEnd(submit(operation, parameters));
    if (!command.path("state").asString().equals("complete")) {
      throw new AssertionError(command + "\n" + executions(command.path("id").asString()));
    }
    return command;
  }

  /** How a command stands at one server. */
  JsonNode execution(String id, String name) throws IOException {
    return executions(id)
        .valueStream()
        .filter(item -> item.path("server").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private JsonNode executions(String id) throws IOException {
    return json(operator.get("/v1/commands/" + id + "/executions").require(200)).path("items");
  }

  @Override
  public void close() throws IOException {
    pollers.values().forEach(PollerProcess::close);
    caches.values().forEach(Varnish::close);
    operator.close();
    server.close();
    origin.close();
  }
}
