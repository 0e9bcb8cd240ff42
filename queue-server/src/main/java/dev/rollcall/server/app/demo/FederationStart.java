// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.Credential;
import dev.rollcall.server.app.cli.RestClient;
import dev.rollcall.server.app.cli.Surroundings;
import dev.rollcall.server.lifecycle.StopStack;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Starts everything, in the order in which it is needed, and notes each part to be stopped. Slow
 * things are started before they are needed and waited for late. Confined to one thread.
 */
final class FederationStart {
  private static final String USUAL_HOST = "127.0.0.1";
  private static final int USUAL_PORT = 8080;

  private final Surroundings surroundings;
  private final ServerStarter starter;
  private final DemoOptions options;
  private final StopStack stop;
  private final StopSignal signal;
  private final Narrator narrator;

  FederationStart(
      Surroundings surroundings,
      ServerStarter starter,
      DemoOptions options,
      StopStack stop,
      StopSignal signal) {
    this.surroundings = surroundings;
    this.starter = starter;
    this.options = options;
    this.stop = stop;
    this.signal = signal;
    this.narrator = new Narrator(surroundings);
  }

  Federation start(DemoDirectory directory, Path edgePoller) throws InterruptedException {
    var ledger = new ProcessLedger(directory.ledger());
    int left = ledger.stopLeftOvers();
    if (left > 0) {
      narrator.line("Stopped " + left + " processes that an earlier demo had left behind.");
    }
    stop.push("ledger", ledger::clear);
    stop.push("server log", ServerLog.to(directory.serverLog()));
    Origin origin = stop.push("origin", Origin.start());
    narrator.thing("origin", "http://127.0.0.1:" + origin.port() + ", plays " + DemoManifest.HOST);

    Optional<Path> varnishd = varnishd();
    Optional<String> sample = varnishd.isEmpty() ? Optional.empty() : sample(edgePoller);
    List<Edge> fleet = Edge.fleet(options.edges(), sample.isPresent());
    Children caches = stop.push("Varnish", new Children(ledger));
    var varnish =
        new VarnishCaches(
            caches, directory, varnishd.orElse(Path.of("varnishd")), sample.orElse(""));
    fleet.stream().filter(Edge::varnish).forEach(edge -> varnish.start(edge, origin.port()));

    RunningServer server = server(directory);
    RestClient client =
        stop.push(
            "client",
            new RestClient(
                server.baseUri(),
                new Credential(directory.adminToken(), directory.adminTokenFile().toString()),
                null));
    var api = new DemoApi(client);
    register(directory, fleet, api);

    var waiting = new Waiting(surroundings.timing());
    Map<Edge, Integer> ports = varnish.awaitReady(waiting);
    var world =
        new Pollers.World(server.baseUri(), Programs.java(), edgePoller, origin.port(), ports);
    var pollers = new Pollers(stop.push("edge pollers", new Children(ledger)), directory, world);
    poll(pollers, fleet, api, waiting);
    return new Federation(
        server.baseUri(), client, fleet, pollers, new Proof(fleet, pollers, ports, origin));
  }

  private Optional<Path> varnishd() {
    if (!options.varnish()) {
      return Optional.empty();
    }
    Optional<Path> found = Programs.onPath("varnishd", surroundings.environment().get("PATH"));
    if (found.isEmpty()) {
      narrator.thing(
          "Varnish",
          "is not installed, so there are only directory caches. To see real ones: apt-get install"
              + " varnish (dnf, brew: the same name), then start the demo again.");
    }
    return found;
  }

  private Optional<String> sample(Path edgePoller) {
    Optional<String> sample = Programs.sampleVcl(edgePoller);
    if (sample.isEmpty()) {
      narrator.thing(
          "Varnish", "is left out: " + edgePoller + " has no samples/varnish/rollcall.vcl.");
    }
    return sample;
  }

  private RunningServer server(DemoDirectory directory) {
    Instant begun = narrator.now();
    String listen = options.listen() == null ? usualOrFree() : options.listen();
    Map<String, String> flags = Map.of("listen", listen, "data", directory.server().toString());
    Map<String, String> environment = Map.of("ROLLCALL_ADMIN_TOKEN", directory.adminToken());
    try {
      RunningServer server =
          signal.shielded(() -> stop.push("queue server", starter.start(flags, environment)));
      narrator.thing(
          "queue server",
          server.baseUri() + " with an embedded PostgreSQL, up in " + narrator.since(begun));
      return server;
    } catch (RuntimeException e) {
      List<String> lines = new ArrayList<>();
      lines.add("The queue server did not start:");
      String.valueOf(e.getMessage()).lines().forEach(line -> lines.add("  " + line));
      lines.add("Its log: " + directory.serverLog());
      lines.add(
          "If the data are another version's, delete " + directory.path() + " and start again.");
      throw new DemoException(lines);
    }
  }

  private String usualOrFree() {
    if (LoopbackHttp.isFree(USUAL_PORT)) {
      return USUAL_HOST + ":" + USUAL_PORT;
    }
    narrator.line("Port " + USUAL_PORT + " is taken; the queue server gets another one.");
    return USUAL_HOST + ":0";
  }

  private void register(DemoDirectory directory, List<Edge> fleet, DemoApi api)
      throws InterruptedException {
    String manifest = DemoManifest.yaml(fleet);
    DemoDirectory.write(directory.manifest(), manifest);
    api.apply(manifest);
    narrator.thing(
        "registry",
        "participants alpha and beta; alpha's customer acme with the configuration "
            + DemoManifest.CONFIGURATION
            + ", which beta lets run on its servers too; applied from "
            + narrator.path(directory.manifest()));
    narrator.thing("alpha", names(fleet, "alpha"));
    narrator.thing("beta", names(fleet, "beta"));
  }

  private static String names(List<Edge> fleet, String participant) {
    return fleet.stream()
        .filter(edge -> edge.participant().equals(participant))
        .map(edge -> edge.name() + (edge.varnish() ? " (Varnish)" : ""))
        .collect(Collectors.joining(", "));
  }

  private void poll(Pollers pollers, List<Edge> fleet, DemoApi api, Waiting waiting)
      throws InterruptedException {
    Instant begun = narrator.now();
    Map<String, String> before = api.lastPolls();
    pollers.start(fleet, api);
    pollers.awaitPolled(before, api, waiting);
    narrator.thing(
        "edge pollers",
        fleet.size()
            + ", each with a token of its own; all have polled after "
            + narrator.since(begun));
  }
}
