// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.server.queue.ModelEnds.Item;
import dev.rollcall.server.queue.ModelState.Place;
import dev.rollcall.server.queue.ModelState.Row;
import dev.rollcall.server.queue.ModelWorld.Deed;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Random steps against the real statements on two nodes, and against a model in memory: after each
 * step both must hold the same, and the invariants must hold by themselves.
 *
 * <p>{@code -Drollcall.model.seed=N} repeats a run, {@code -Drollcall.model.episodes=N} makes it
 * longer. A failure names the seed and the fewest steps it was seen to need.
 */
final class QueueModelDbTest {
  private static final int EPISODES = Integer.getInteger("rollcall.model.episodes", 8);
  private static final int STEPS = 100;
  private static final int SERVERS = 4;
  private static final int MOST_TRIALS = 150;
  private static final List<Outcome> OUTCOMES = List.of(Outcome.values());

  /** Seconds by which the clock is moved; also back. */
  private static final double[] MOVES = {0.001, 0.5, 2, 2, 10, 10, 40, 40, 120, -0.5, -5, -60};

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private ModelWorld world;

  @BeforeEach
  void open() {
    world = new ModelWorld(database.get());
  }

  @AfterEach
  void close() {
    world.close();
  }

  private enum Kind {
    SUBMIT(14),
    POLL(16),
    POLL_WITH_RESULTS(18),
    REPORT(10),
    RENEW(5),
    SWEEP(5),
    ASK_CANCEL(2),
    CANCEL(5),
    REMOVE(1),
    RETRY(2),
    FINISH(4),
    LOST(2),
    RESTART(1),
    CLOCK(14),
    RACE(14);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  /** A step: what it does exactly follows from its own seed and from what there is by then. */
  private record Step(Kind kind, long seed) {}

  @Test
  void the_queue_holds_and_answers_what_the_model_does() {
    long seed = Long.getLong("rollcall.model.seed", new Random().nextLong());
    Set<Kind> done = EnumSet.noneOf(Kind.class);
    for (int episode = 0; episode < EPISODES; episode++) {
      List<Step> steps = steps(new Random(seed + episode));
      steps.forEach(step -> done.add(step.kind()));
      AssertionError failure = failure(steps, new ArrayList<>());
      if (failure != null) {
        throw new AssertionError(
            "seed " + seed + ", episode " + episode + "\n" + shortest(steps, failure), failure);
      }
    }
    assertThat(done).containsAll(EnumSet.allOf(Kind.class));
  }

  @Test
  void the_model_notices_a_row_that_changes_by_itself() {
    world.run(world.submit(QueueFixture.Options.DEFAULT, 1, 2));
    database
        .get()
        .jdbi()
        .useHandle(h -> h.execute("update queue set visible_at = now() where server_id = 2"));

    assertThatThrownBy(() -> world.run(world.poll(0, 1, List.of(), 1, 0)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("c1 s2 open");
  }

  private static List<Step> steps(Random random) {
    List<Kind> bag = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      IntStream.range(0, kind.weight).forEach(i -> bag.add(kind));
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      steps.add(new Step(bag.get(random.nextInt(bag.size())), random.nextLong()));
    }
    return steps;
  }

  /** Null: all went well. */
  private @Nullable AssertionError failure(List<Step> steps, List<String> told) {
    world.reset();
    for (Step step : steps) {
      try {
        run(step, told);
      } catch (AssertionError | RuntimeException e) {
        return new AssertionError(e.getMessage(), e);
      }
    }
    return null;
  }

  /** Leaves out what the failure does not need, as long as that is cheap. */
  private String shortest(List<Step> all, AssertionError failure) {
    List<Step> steps = new ArrayList<>(all);
    int trials = 0;
    for (int size = steps.size() / 2; size >= 1; size /= 2) {
      for (int from = 0; from < steps.size() && trials < MOST_TRIALS; trials++) {
        List<Step> fewer = new ArrayList<>(steps);
        fewer.subList(from, Math.min(from + size, fewer.size())).clear();
        if (failure(fewer, new ArrayList<>()) != null) {
          steps = fewer;
        } else {
          from += size;
        }
      }
    }
    List<String> told = new ArrayList<>();
    AssertionError last = failure(steps, told);
    return String.join("\n", told)
        + "\n=> "
        + (last == null ? "not seen again: " + failure.getMessage() : last.getMessage());
  }

  private void run(Step step, List<String> told) {
    var random = new Random(step.seed());
    switch (step.kind()) {
      case CLOCK -> {
        double seconds = MOVES[random.nextInt(MOVES.length)];
        told.add("the clock moves by " + seconds + " s");
        world.move(Math.round(seconds * 1e6));
      }
      case RESTART -> {
        int node = random.nextInt(2);
        told.add("node " + node + " is started anew");
        world.restart(node);
      }
      case RACE -> {
        Deed one = racer(random, 0);
        Deed other = racer(random, 1);
        told.add("at once: " + one.what() + " | " + other.what());
        world.race(one, other);
      }
      default -> {
        Deed deed = deed(step.kind(), random, random.nextInt(2));
        told.add(deed.what());
        world.run(deed);
      }
    }
  }

  private Deed racer(Random random, int node) {
    Kind[] kinds = {
      Kind.SUBMIT,
      Kind.POLL,
      Kind.POLL,
      Kind.POLL_WITH_RESULTS,
      Kind.REPORT,
      Kind.REPORT,
      Kind.RENEW,
      Kind.SWEEP,
      Kind.CANCEL,
      Kind.REMOVE,
      Kind.FINISH
    };
    return deed(kinds[random.nextInt(kinds.length)], random, node);
  }

  private Deed deed(Kind kind, Random random, int node) {
    List<QueuedCommand> commands = world.model().state().commands();
    if (commands.isEmpty()) {
      return submit(random);
    }
    QueuedCommand command = commands.get(random.nextInt(commands.size()));
    int server = server(random);
    int want = random.nextInt(8);
    int handed = random.nextInt(200);
    return switch (kind) {
      case POLL -> world.poll(node, server, List.of(), want, handed);
      case POLL_WITH_RESULTS -> world.poll(node, server, items(random, server), want, handed);
      case REPORT -> world.poll(node, server, items(random, server), Exchange.NOTHING, handed);
      case LOST -> world.lost(server, distinct(items(random, server)), want);
      case RENEW -> world.renew(node, server, renewals(random, server));
      case SWEEP -> world.sweep(node, command, false, servers(command));
      case ASK_CANCEL -> world.askCancel(command);
      case CANCEL -> world.sweep(node, asked(command), true, servers(command));
      case REMOVE -> world.remove(node, server);
      case RETRY -> retry(random, command);
      case FINISH -> world.finish(node, commands);
      default -> submit(random);
    };
  }

  /** Cancel is asked for, and committed, before anything is swept. */
  private QueuedCommand asked(QueuedCommand command) {
    world.run(world.askCancel(command));
    return command;
  }

  private static int server(Random random) {
    return 1 + random.nextInt(SERVERS);
  }

  private Deed submit(Random random) {
    int[] servers =
        IntStream.rangeClosed(1, SERVERS).filter(server -> random.nextInt(3) > 0).toArray();
    return world.submit(options(random), servers.length == 0 ? new int[] {1} : servers);
  }

  private static QueueFixture.Options options(Random random) {
    int origin = random.nextInt(4) == 0 ? 2 : 1;
    int key = random.nextInt(4);
    return QueueFixture.Options.DEFAULT
        .origin(origin)
        .key(key == 0 ? 0 : key == 1 ? origin * 10L + 2 : origin * 10L + 1)
        .lane(random.nextInt(3) > 0 ? 1 : random.nextInt(Track.LANES))
        .attempts(1 + random.nextInt(3))
        .lease(1 + random.nextInt(60))
        .deadline(10 + random.nextInt(200));
  }

  /** A new command for what failed or expired. */
  private Deed retry(Random random, QueuedCommand command) {
    int[] servers =
        world.model().state().rows().entrySet().stream()
            .filter(e -> e.getKey().seq() == command.seq())
            .filter(e ->
                e.getValue().end() != null
                    && Set.of(EndState.FAILED, EndState.EXPIRED)
                        .contains(e.getValue().end().state()))
            .mapToInt(e -> e.getKey().server())
            .toArray();
    return servers.length == 0 ? submit(random) : world.submit(options(random), servers);
  }

  private int[] servers(QueuedCommand command) {
    return world.model().state().rows().keySet().stream()
        .filter(key -> key.seq() == command.seq())
        .mapToInt(Place::server)
        .toArray();
  }

  /** Results about this server's executions, mostly of their last lease, and some of none. */
  private List<Item> items(Random random, int server) {
    List<Map.Entry<Place, Row>> known = new ArrayList<>(world.model().state().rows().entrySet());
    List<Item> items = new ArrayList<>();
    for (int tries = 0; tries < 12 && items.size() < 4; tries++) {
      Map.Entry<Place, Row> entry = known.get(random.nextInt(known.size()));
      Row row = entry.getValue();
      boolean wanted =
          entry.getKey().server() == server
              ? (row.isLeased() && row.end() == null) || random.nextInt(4) == 0
              : random.nextInt(12) == 0;
      if (wanted) {
        int lease = random.nextInt(4) > 0 ? row.leaseNo() : random.nextInt(row.leaseNo() + 3);
        Outcome outcome = OUTCOMES.get(random.nextInt(OUTCOMES.size()));
        items.add(
            new Item(
                row.command(), lease, outcome, random.nextInt(4) > 0, random.nextInt(65) / 64.0));
        if (random.nextInt(6) == 0) {
          items.add(items.getLast());
        }
      }
    }
    return items;
  }

  private static List<Item> distinct(List<Item> items) {
    List<Long> seen = new ArrayList<>();
    List<Item> distinct = new ArrayList<>();
    for (Item item : items) {
      if (!seen.contains(item.command().seq())) {
        seen.add(item.command().seq());
        distinct.add(item);
      }
    }
    return distinct;
  }

  private List<Renewal> renewals(Random random, int server) {
    return distinct(items(random, server)).stream()
        .map(item ->
            new Renewal(
                QueueFixture.server(server), item.command(), item.lease(), 1 + random.nextInt(90)))
        .toList();
  }
}
