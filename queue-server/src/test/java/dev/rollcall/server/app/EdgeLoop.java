// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * An edge that works through whatever it is handed and resends each result until it has a verdict,
 * whatever happens to the server.
 */
final class EdgeLoop implements Runnable {
  private final Api api;
  private final AtomicInteger executed;
  private final List<String> owed = new ArrayList<>();
  private volatile boolean stopped;

  EdgeLoop(Api api, AtomicInteger executed) {
    this.api = api;
    this.executed = executed;
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        poll();
      } catch (UncheckedIOException e) {
        Thread.onSpinWait(); // the server is away: again
      }
    }
  }

  private void poll() {
    List<String> sent = List.copyOf(owed);
    Api.Answer answer =
        api.post(
            "/v1/edge/poll",
            "{\"capacity\": 10, \"waitSeconds\": 2, \"results\": ["
                + String.join(",", sent)
                + "]}");
    if (answer.status() != 200) {
      return;
    }
    JsonNode body = answer.json();
    if (body.path("results").size() == sent.size()) {
      owed.removeAll(sent);
    }
    for (JsonNode execution : body.path("executions")) {
      executed.incrementAndGet();
      owed.add(
          "{\"command\": \"%s\", \"lease\": %d, \"outcome\": \"succeeded\", \"objects\": 1}"
              .formatted(execution.path("command").asString(), execution.path("lease").asInt()));
    }
  }
}
