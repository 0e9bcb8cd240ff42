// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.queue.FanOut;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A command whose time has come and one whose executions have all ended, when two nodes move them
 * on at once or somebody cancels them meanwhile: it enters or is ended, and it ends once.
 */
final class InterleavingLifecycleDbTest {
  @RegisterExtension final TwoNodes nodes = new TwoNodes();

  /** A command in the database. */
  private record Stored(UUID id, long seq) {}

  /**
   * What became of the only command.
   *
   * @param open its executions in the queue
   * @param ended its results
   * @param counted the ends in its counters
   * @param stray what stands under a place that is no command's
   */
  private record Became(
      boolean entered, int open, int ended, int counted, int stray, @Nullable String finalState) {
    static final Became ENTERED = new Became(true, TwoNodes.SERVERS, 0, 0, 0, null);
    static final Became WAITS = new Became(false, 0, 0, 0, 0, null);
    static final Became CANCELLED_UNENTERED =
        new Became(false, 0, TwoNodes.SERVERS, TwoNodes.SERVERS, 0, "cancelled");
    static final Became CANCELLED_ENTERED =
        new Became(true, 0, TwoNodes.SERVERS, TwoNodes.SERVERS, 0, "cancelled");
  }

  /** With the key both nodes meet at its lock, without one at the command's row. */
  @ParameterizedTest(name = "key {0}")
  @ValueSource(longs = {0, 7})
  void of_two_nodes_that_enter_a_command_only_one_does(long key) {
    due(key);

    nodes.gate().begin();
    holdCounters();
    Future<?> first = nodes.start(nodes.one()::round);
    nodes.awaitWaiting(1);
    Future<?> second = nodes.start(nodes.other()::round);
    nodes.awaitWaiting(2);
    nodes.gate().commit();
    Session.result(first);
    Session.result(second);

    assertThat(became()).isEqualTo(Became.ENTERED);
    assertThat(nodes.toldQueued()).containsExactly(seq());
  }

  @Test
  void a_cancel_behind_an_entry_ends_what_entered() {
    Stored command = due(7);

    nodes.gate().begin();
    holdCounters();
    Future<?> entry = nodes.start(nodes.one()::round);
    nodes.awaitWaiting(1);
    Future<?> cancel = nodes.start(() -> nodes.other().cancel(command.id()));
    nodes.awaitWaiting(2);
    nodes.gate().commit();
    Session.result(entry);
    Session.result(cancel);
    nodes.one().round();

    assertThat(became()).isEqualTo(Became.CANCELLED_ENTERED);
    assertThat(nodes.toldQueued()).containsExactly(seq());
    assertThat(nodes.toldCompleted()).containsExactly(seq());
  }

  @Test
  void an_entry_behind_a_cancel_that_is_asked_leaves_the_command_to_it() {
    Stored command = due(0);

    nodes.gate().begin();
    nodes.gate().run(h -> assertThat(LifecycleStore.askCancel(h, command.id())).isPresent());
    Future<?> entry = nodes.start(nodes.one()::round);
    nodes.awaitWaiting(1);
    nodes.gate().commit();
    Session.result(entry);

    assertThat(became()).isEqualTo(Became.WAITS);
    nodes.other().cancel(command.id());
    assertThat(became()).isEqualTo(Became.CANCELLED_UNENTERED);
    assertThat(nodes.toldQueued()).isEmpty();
    assertThat(nodes.toldCompleted()).containsExactly(command.seq());
  }

  @Test
  void a_node_that_read_a_command_before_it_was_cancelled_does_not_enter_it_after() {
    Stored command = due(7);

    nodes.gate().begin();
    nodes.gate().run(h -> FanOut.lockKeys(h, List.of(7L)));
    Future<?> entry = nodes.start(nodes.one()::round);
    nodes.awaitWaiting(1);
    nodes.other().cancel(command.id());
    nodes.gate().commit();
    Session.result(entry);

    assertThat(became()).isEqualTo(Became.CANCELLED_UNENTERED);
    assertThat(nodes.toldQueued()).isEmpty();
    assertThat(nodes.toldCompleted()).containsExactly(command.seq());
  }

  @Test
  void of_two_cancels_of_a_command_that_waits_only_one_ends_it() {
    Stored command = due(0);

    nodes.gate().begin();
    holdCounters();
    Future<?> first = nodes.start(() -> nodes.one().cancel(command.id()));
    nodes.awaitWaiting(1);
    Future<?> second = nodes.start(() -> nodes.other().cancel(command.id()));
    nodes.awaitWaiting(2);
    nodes.gate().commit();
    Session.result(first);
    Session.result(second);

    assertThat(became()).isEqualTo(Became.CANCELLED_UNENTERED);
    assertThat(nodes.toldCompleted()).containsExactly(command.seq());
  }

  @ParameterizedTest(name = "{0} cancelled: {1}")
  @CsvSource({"0, complete", "1, cancelled"})
  void the_end_of_a_command_behind_an_asked_cancel_counts_it(int cancelled, String finalState) {
    Stored command = full(cancelled);

    nodes.gate().begin();
    nodes.gate().run(h -> assertThat(LifecycleStore.askCancel(h, command.id())).isPresent());
    Future<?> end = nodes.start(() -> nodes.one().finish(command.seq()));
    nodes.awaitWaiting(1);
    nodes.gate().commit();
    Session.result(end);
    nodes.other().finish(command.seq());

    assertThat(ends()).containsExactly(finalState + ", cancel asked");
    assertThat(nodes.toldCompleted()).containsExactly(command.seq());
  }

  /** The end holds the first command while it waits for the second. */
  @Test
  void a_cancel_behind_the_end_of_a_command_changes_nothing() {
    Stored first = full(1);
    Stored second = full(0);

    nodes.gate().begin();
    nodes.gate().run(h -> h.execute("select from command where seq = ? for update", second.seq()));
    Future<?> end = nodes.start(() -> nodes.one().finish(first.seq(), second.seq()));
    nodes.awaitWaiting(1);
    Future<?> cancel = nodes.start(() -> nodes.other().cancel(first.id()));
    nodes.awaitWaiting(2);
    nodes.gate().commit();
    Session.result(end);
    Session.result(cancel);
    nodes.other().finish(first.seq());

    assertThat(ends()).containsExactly("failed", "complete");
    assertThat(nodes.toldCompleted()).containsExactlyInAnyOrder(first.seq(), second.seq());
  }

  /** Whoever enters or ends a command that waits stops here, with the command's row locked. */
  private void holdCounters() {
    nodes.gate().run(h -> h.execute("select from rollup for update"));
  }

  /** A command to all servers whose time has come, and which is not in the queue. */
  private Stored due(long key) {
    Stored command = store(key, "null");
    nodes
        .gate()
        .run(h -> {
          h.execute(
              "insert into command_target (seq, cell, participant_id, server_ids) values (?, 0, 1,"
                  + " '{1, 2}')",
              command.seq());
          h.execute(
              "insert into rollup (seq, cell, participant_id, targeted) values (?, 0, 1, ?)",
              command.seq(),
              TwoNodes.SERVERS);
        });
    return command;
  }

  /** A command of which all has ended, so many cancelled and the rest succeeded. */
  private Stored full(int cancelled) {
    Stored command = store(0, "now()");
    nodes
        .gate()
        .run(h ->
            h.execute(
                "insert into rollup (seq, cell, participant_id, targeted, succeeded, cancelled)"
                    + " values (?, 0, 1, ?, ?, ?)",
                command.seq(),
                TwoNodes.SERVERS,
                TwoNodes.SERVERS - cancelled,
                cancelled));
    return command;
  }

  private Stored store(long key, String queuedAt) {
    var command = new Stored(UUID.randomUUID(), nodes.gate().call(h -> FanOut.takePlaces(h, 1)));
    nodes
        .gate()
        .run(h ->
            h.execute(
                """
                insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
                  ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, not_before, deadline_at,
                  queued_at, upkeep_at)
                values (?, ?, 1, 'test', 'purge', '{}', '{}', '{}', ?, ?, 1, 60, 5, 300, ?, now() - interval '1 s',
                  now() + interval '1 day', %s, now() - interval '1 s')
                """
                    .formatted(queuedAt),
                command.seq(),
                command.id(),
                key == 0 ? "" : "k",
                key,
                TwoNodes.SERVERS));
    return command;
  }

  /** The place of the only command now. */
  private long seq() {
    return nodes.gate().call(h -> h.select("select seq from command").mapTo(Long.class).one());
  }

  private Became became() {
    return nodes
        .gate()
        .call(h ->
            h.createQuery(
                    """
                    select c.queued_at is not null,
                           (select count(*) from queue q where q.seq = c.seq),
                           (select count(*) from execution_result e where e.seq = c.seq),
                           (select sum(r.succeeded + r.failed + r.rejected + r.expired + r.cancelled)
                            from rollup r where r.seq = c.seq),
                           (select count(*) from (select seq from queue where server_id > 0 union all select seq from execution_result
                              union all select seq from rollup union all select seq from command_target) s
                            where s.seq <> c.seq),
                           c.final_state
                    from command c
                    """)
                .map((rs, context) ->
                    new Became(
                        rs.getBoolean(1),
                        rs.getInt(2),
                        rs.getInt(3),
                        rs.getInt(4),
                        rs.getInt(5),
                        rs.getString(6)))
                .one());
  }

  /** How each command ended, in the order of their places. */
  private List<String> ends() {
    return nodes
        .gate()
        .call(h ->
            h.select(
                    "select concat_ws(', ', final_state, case when cancel_requested_at is not null"
                        + " then 'cancel asked' end) from command order by seq")
                .mapTo(String.class)
                .list());
  }
}
