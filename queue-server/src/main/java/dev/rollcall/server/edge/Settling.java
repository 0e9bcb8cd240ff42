// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.ReportedResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The results of one request on their way to verdicts. A command occurs once in a batch, so a
 * request that names one under several leases takes several rounds. Confined to one request.
 */
final class Settling {
  private final List<ResultItem> items;
  private final @Nullable Verdict[] verdicts;
  private final List<Integer> open = new ArrayList<>();
  private final List<Integer> asked = new ArrayList<>();
  private final QueueServer server;
  private final Map<UUID, QueuedCommand> commands;
  private final RandomGenerator random;

  Settling(
      List<ResultItem> items,
      QueueServer server,
      Map<UUID, QueuedCommand> commands,
      RandomGenerator random) {
    this.items = items;
    this.verdicts = new Verdict[items.size()];
    this.server = server;
    this.commands = commands;
    this.random = random;
    judgeWithoutQueue();
  }

  /** The command ids that results name, as far as they are such. */
  static Set<UUID> ids(List<ResultItem> items) {
    Set<UUID> ids = new HashSet<>();
    items.forEach(item -> id(item).ifPresent(ids::add));
    return ids;
  }

  private static Optional<UUID> id(ResultItem item) {
    try {
      return Optional.of(UUID.fromString(item.command()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private record Key(UUID command, long lease) {}

  private void judgeWithoutQueue() {
    Set<Key> seen = new HashSet<>();
    for (int i = 0; i < items.size(); i++) {
      ResultItem item = items.get(i);
      QueuedCommand command = command(item);
      if (Outcome.of(item.outcome()).isEmpty()) {
        verdicts[i] = Verdict.INVALID;
      } else if (command == null) {
        verdicts[i] = Verdict.UNKNOWN;
      } else if (!seen.add(new Key(command.id(), item.lease()))) {
        verdicts[i] = Verdict.DUPLICATE;
      } else {
        open.add(i);
      }
    }
  }

  private @Nullable QueuedCommand command(ResultItem item) {
    return id(item).map(commands::get).orElse(null);
  }

  boolean isDone() {
    return open.isEmpty();
  }

  /** The next round: of each command the first that is open. */
  List<ReportedResult> next() {
    asked.clear();
    List<ReportedResult> round = new ArrayList<>();
    Set<UUID> taken = new HashSet<>();
    for (int i : open) {
      ResultItem item = items.get(i);
      QueuedCommand command = Objects.requireNonNull(command(item));
      if (taken.add(command.id())) {
        asked.add(i);
        round.add(
            new ReportedResult(
                server,
                command,
                (int) Math.min(item.lease(), Integer.MAX_VALUE),
                Outcome.of(item.outcome()).orElseThrow(),
                !Boolean.FALSE.equals(item.retry()),
                random.nextDouble(),
                item.code(),
                item.message(),
                item.objects(),
                item.data() == null ? null : item.data().toString()));
      }
    }
    return round;
  }

  /** Whether nothing is left once the round is judged. */
  boolean isLastRound() {
    return asked.size() == open.size();
  }

  /** The verdicts of the round. */
  void judged(List<Verdict> round) {
    for (int i = 0; i < asked.size(); i++) {
      verdicts[asked.get(i)] = round.get(i);
    }
    open.removeAll(Set.copyOf(asked));
  }

  /** The commands of which a result was brought that is settled, by this or an earlier request. */
  Set<UUID> settled() {
    Set<UUID> settled = new HashSet<>();
    for (int i = 0; i < items.size(); i++) {
      QueuedCommand command = command(items.get(i));
      if (command != null
          && (verdicts[i] == Verdict.ACCEPTED || verdicts[i] == Verdict.DUPLICATE)) {
        settled.add(command.id());
      }
    }
    return settled;
  }

  List<PollAnswer.VerdictItem> answer() {
    List<PollAnswer.VerdictItem> answer = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      answer.add(
          new PollAnswer.VerdictItem(
              items.get(i).command(),
              items.get(i).lease(),
              Objects.requireNonNull(verdicts[i]).wire()));
    }
    return answer;
  }

  List<Verdict> verdicts() {
    return Arrays.stream(verdicts).filter(Objects::nonNull).toList();
  }
}
