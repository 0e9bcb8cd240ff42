// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** The poller of one server, as a test plays it. Thread-safe. */
final class Edge {
  private final Api api;

  Edge(Api api) {
    this.api = api;
  }

  /** An execution that was handed out. */
  record Lease(String command, long number, int attempt, JsonNode json) {
    /** A result of it, as it is sent. */
    String result(String outcome, String... more) {
      return item(command, number, outcome, more);
    }
  }

  /** A result as it is sent; {@code more} are further members, as JSON text. */
  static String item(String command, long lease, String outcome, String... more) {
    return "{\"command\": \"%s\", \"lease\": %d, \"outcome\": \"%s\"%s}"
        .formatted(
            command,
            lease,
            outcome,
            more.length == 0 ? "" : ", " + String.join(", ", Arrays.asList(more)));
  }

  Api api() {
    return api;
  }

  JsonNode poll(String body) {
    return api.post("/v1/edge/poll", body).status(200).json();
  }

  /** A poll that is answered later; must be waited for with a bound. */
  CompletableFuture<Api.Answer> pollLater(String body) {
    return Later.run(() -> api.post("/v1/edge/poll", body));
  }

  /** What there is to do now, at most so much. */
  List<Lease> lease(int capacity) {
    return leases(poll("{\"capacity\": " + capacity + "}"));
  }

  /** As {@link #lease}, but waits up to so many seconds for the first. */
  List<Lease> lease(int capacity, int waitSeconds) {
    return leases(poll("{\"capacity\": " + capacity + ", \"waitSeconds\": " + waitSeconds + "}"));
  }

  /** The only thing there is to do; fails when there is nothing, or more. */
  Lease leaseOne() {
    List<Lease> leases = lease(10);
    assertThat(leases).hasSize(1);
    return leases.getFirst();
  }

  static List<Lease> leases(JsonNode answer) {
    List<Lease> leases = new ArrayList<>();
    for (JsonNode json : answer.path("executions")) {
      leases.add(
          new Lease(
              json.path("command").asString(),
              json.path("lease").asLong(),
              json.path("attempt").asInt(),
              json));
    }
    return leases;
  }

  /** The commands of what was handed out, in its order. */
  static List<String> commands(List<Lease> leases) {
    return leases.stream().map(Lease::command).toList();
  }

  /** Reports results; answers their verdicts. */
  List<String> report(String... items) {
    return verdicts(
        api.post("/v1/edge/results", "{\"results\": [" + String.join(",", items) + "]}")
            .status(200)
            .json());
  }

  String report(Lease lease, String outcome, String... more) {
    return report(lease.result(outcome, more)).getFirst();
  }

  static List<String> verdicts(JsonNode answer) {
    return answer
        .path("results")
        .valueStream()
        .map(item -> item.path("verdict").asString())
        .toList();
  }

  /** Takes and does whatever there is; answers how many. */
  int work() {
    List<Lease> leases = lease(1_000);
    if (!leases.isEmpty()) {
      assertThat(report(leases.stream().map(l -> l.result("succeeded")).toArray(String[]::new)))
          .containsOnly("accepted");
    }
    return leases.size();
  }
}
