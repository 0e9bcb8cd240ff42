// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.ReportedResult;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Takes a request's results through the rounds in which the edge's requests are settled. */
public final class SettlingRounds {
  private SettlingRounds() {}

  /** What settles a round. */
  @FunctionalInterface
  public interface Queue {
    List<Verdict> settle(List<ReportedResult> round, boolean last);
  }

  /** One verdict for each item, in their order; at least one round, if need be an empty one. */
  public static List<Verdict> run(
      QueueServer server,
      List<ResultItem> items,
      Map<UUID, QueuedCommand> commands,
      RandomGenerator random,
      Queue queue) {
    var settling = new Settling(items, server, commands, random);
    do {
      List<ReportedResult> round = settling.next();
      settling.judged(queue.settle(round, settling.isLastRound()));
    } while (!settling.isDone());
    return settling.verdicts();
  }
}
