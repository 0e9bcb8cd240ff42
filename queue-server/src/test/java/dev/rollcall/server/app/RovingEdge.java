// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * An edge that polls now this node, now that one, and the next when one is away or says that it
 * stops. Whatever else it is answered is noted.
 */
final class RovingEdge implements Runnable {
  private final List<Api> nodes;
  private final String instance;
  private final AtomicInteger executed;
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
  private final List<String> owed = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * @param executed counts what all edges execute
   */
  RovingEdge(String instance, List<Api> nodes, AtomicInteger executed) {
    this.instance = instance;
    this.nodes = nodes;
    this.executed = executed;
  }

  void stop() {
    stopped = true;
  }

  /** Answers that an edge should not get. */
  Queue<String> complaints() {
    return complaints;
  }

  @Override
  public void run() {
    for (int turn = 0; !stopped; turn++) {
      try {
        poll(nodes.get(turn % nodes.size()));
      } catch (UncheckedIOException e) {
        Thread.onSpinWait(); // that node is away: the next
      }
    }
  }

  private void poll(Api node) {
    List<String> sent = List.copyOf(owed);
    Api.Answer answer =
        node.post(
            "/v1/edge/poll",
            """
            {"capacity": 10, "waitSeconds": 1, "results": [%s],
             "poller": {"instance": "%s", "version": "1", "operations": ["purge"]}}
            """
                .formatted(String.join(",", sent), instance));
    if (answer.status() == 503 && answer.headers().containsKey("Retry-After")) {
      return;
    }
    if (answer.status() != 200) {
      complaints.add(answer.status() + " " + answer.text());
      return;
    }
    JsonNode body = answer.json();
    for (JsonNode verdict : body.path("results")) {
      String word = verdict.path("verdict").asString();
      if (word.equals("unknown") || word.equals("invalid")) {
        complaints.add(verdict.toString());
      }
    }
    owed.removeAll(sent);
    for (JsonNode execution : body.path("executions")) {
      executed.incrementAndGet();
      owed.add(
          Edge.item(
              execution.path("command").asString(), execution.path("lease").asLong(), "succeeded"));
    }
  }
}
