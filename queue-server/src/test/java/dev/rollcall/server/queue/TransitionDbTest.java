// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.testkit.DatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The one table of what an execution may become, held against the diagram in the README, against
 * the states the database knows, and against what each event really does in each state.
 */
final class TransitionDbTest {
  private static final Pattern ARROW = Pattern.compile("^\\s+(\\S+) --> (\\S+?)(?::.*)?$");

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private QueueFixture queue;

  /** Where an execution stands; a lapsed lease is pending again, but its result still counts. */
  enum State {
    PENDING,
    LEASED,
    SUCCEEDED,
    FAILED,
    REJECTED,
    EXPIRED,
    CANCELLED;

    boolean isEnd() {
      return this != PENDING && this != LEASED;
    }

    /** All that may follow; an end is final. */
    Set<State> next() {
      return switch (this) {
        case PENDING -> EnumSet.of(LEASED, EXPIRED, CANCELLED, REJECTED);
        case LEASED -> EnumSet.of(PENDING, SUCCEEDED, FAILED, REJECTED, EXPIRED, CANCELLED);
        default -> EnumSet.noneOf(State.class);
      };
    }
  }

  @BeforeEach
  void open() {
    queue = new QueueFixture(database.get());
  }

  @Test
  void the_diagram_shows_the_table_and_nothing_else() throws IOException {
    Map<String, Set<String>> drawn = new TreeMap<>();
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("README.md"))) {
      inside = inside ? !line.startsWith("```") : line.startsWith("stateDiagram");
      Matcher arrow = ARROW.matcher(line);
      if (inside && arrow.matches()) {
        drawn.computeIfAbsent(arrow.group(1), k -> new TreeSet<>()).add(arrow.group(2));
      }
    }
    Map<String, Set<String>> table = new TreeMap<>();
    table.put("[*]", new TreeSet<>(Set.of(word(State.PENDING), word(State.REJECTED))));
    for (State state : State.values()) {
      Set<String> next = new TreeSet<>();
      state.next().forEach(to -> next.add(word(to)));
      if (state.isEnd()) {
        next.add("[*]");
      }
      table.put(word(state), next);
    }

    assertThat(drawn).isEqualTo(table);
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  @Test
  void the_database_knows_the_same_ends() {
    List<String> ends =
        database
            .get()
            .jdbi()
            .withHandle(h ->
                h.createQuery("select unnest(enum_range(null::execution_end))::text")
                    .mapTo(String.class)
                    .list());

    assertThat(ends)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(State.values()).filter(State::isEnd).map(TransitionDbTest::word).toList())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(EndState.values()).map(EndState::sql).toList());
  }

  /** Shapes of a row that stand for no state; none of them can be stored. */
  @ParameterizedTest
  @CsvSource({
    "leased without a number, lease_no = 0, attempt = 1, leased_at = now()",
    "leased without an attempt, lease_no = 1, attempt = 0, leased_at = now()",
    "cancelled but never leased, lease_no = 0, attempt = 0, cancelled = true",
    "a number below none, lease_no = -1, attempt = 0, cancelled = false",
    "an attempt below none, lease_no = 0, attempt = -1, cancelled = false",
    "a track below none, lease_no = 0, attempt = 0, track = -1"
  })
  void a_row_that_stands_for_no_state_is_refused(
      String name, String leaseNo, String attempt, String rest) {
    try (Handle handle = database.get().jdbi().open()) {
      queue.submit(handle, QueueFixture.Options.DEFAULT, 1);

      assertThatThrownBy(() ->
              handle.execute(
                  "update queue set %s, %s, %s where server_id > 0"
                      .formatted(leaseNo, attempt, rest)))
          .as(name)
          .hasMessageContaining("check constraint");
    }
  }

  @Test
  void an_execution_cannot_end_twice() {
    try (Handle handle = database.get().jdbi().open()) {
      queue.submit(handle, QueueFixture.Options.DEFAULT, 1);
      String end =
          """
          insert into execution_result (seq, server_id, cell, participant_id, state, lease_no, attempt, reported)
          select seq, server_id, cell, 1, 'failed', 0, 0, false from queue where server_id > 0
          """;
      handle.execute(end);

      assertThatThrownBy(() -> handle.execute(end)).hasMessageContaining("duplicate key");
    }
  }

  /** What can happen to an execution; each is tried in each state. */
  private enum Event {
    POLL,
    LAPSE,
    SUCCESS,
    FAILURE,
    LAST_FAILURE,
    REJECTION,
    RELEASE,
    SWEEP,
    CANCEL,
    DEADLINE,
    REMOVAL,
    RENEWAL
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void every_event_leads_only_where_the_table_allows(State from) {
    Set<State> seen = EnumSet.noneOf(State.class);
    try (Handle handle = database.get().jdbi().open()) {
      for (Event event : Event.values()) {
        QueuedCommand command = reach(handle, from);
        assertThat(state(handle, command)).isEqualTo(from);

        happen(handle, command, event);

        State to = state(handle, command);
        if (to != from) {
          assertThat(from.next()).as("%s in %s", event, from).contains(to);
          seen.add(to);
        }
        var _ = removed(handle, EndState.CANCELLED);
      }
      QueuedCommand refused = reach(handle, from);
      var _ = removed(handle, EndState.REJECTED); // an exposure is withdrawn
      if (!from.isEnd()) {
        seen.add(state(handle, refused));
      }
    }

    Set<State> expected = EnumSet.noneOf(State.class);
    expected.addAll(from.next());
    if (from == State.LEASED) {
      expected.remove(State.EXPIRED); // only from a lapsed lease, which reads as pending
    }
    assertThat(seen).isEqualTo(expected);
  }

  private QueuedCommand reach(Handle handle, State state) {
    QueuedCommand command = queue.submit(handle, QueueFixture.Options.DEFAULT.key(0), 1);
    if (state != State.PENDING) {
      assertThat(queue.lease(handle, 1, 1)).hasSize(1);
    }
    switch (state) {
      case PENDING, LEASED -> {}
      case SUCCEEDED -> happen(handle, command, Event.SUCCESS);
      case FAILED -> happen(handle, command, Event.LAST_FAILURE);
      case REJECTED -> happen(handle, command, Event.REJECTION);
      case EXPIRED -> {
        QueueFixture.lapse(handle, 1, command);
        happen(handle, command, Event.DEADLINE);
      }
      case CANCELLED -> {
        happen(handle, command, Event.CANCEL);
        happen(handle, command, Event.FAILURE);
      }
    }
    return command;
  }

  private void happen(Handle handle, QueuedCommand command, Event event) {
    switch (event) {
      case POLL -> queue.lease(handle, 1, 1);
      case LAPSE -> QueueFixture.lapse(handle, 1, command);
      case SUCCESS -> report(handle, command, Outcome.SUCCEEDED, true);
      case FAILURE -> report(handle, command, Outcome.FAILED, true);
      case LAST_FAILURE -> report(handle, command, Outcome.FAILED, false);
      case REJECTION -> report(handle, command, Outcome.REJECTED, true);
      case RELEASE -> report(handle, command, Outcome.RELEASED, true);
      case SWEEP -> sweep(handle, command, false);
      case CANCEL -> sweep(handle, command, true);
      case DEADLINE -> sweep(handle, EndSteps.overdue(command), false);
      case REMOVAL -> removed(handle, EndState.CANCELLED);
      case RENEWAL ->
          EndStore.renew(
              handle,
              QueueFixture.CELL,
              List.of(new Renewal(QueueFixture.server(1), command, 1, 60)));
    }
  }

  private void report(Handle handle, QueuedCommand command, Outcome outcome, boolean retry) {
    var result =
        new ReportedResult(
            QueueFixture.server(1), command, 1, outcome, retry, 0, null, null, null, null);
    var _ =
        queue.exchange(
            handle,
            new Exchange.Request(QueueFixture.server(1), List.of(result), Exchange.NOTHING, 0));
  }

  private static void sweep(Handle handle, QueuedCommand command, boolean cancel) {
    handle.useTransaction(h -> {
      var _ = EndStore.sweep(h, QueueFixture.CELL, command, (short) 1, new int[] {1}, cancel);
    });
  }

  private static List<Long> removed(Handle handle, EndState state) {
    return EndStore.remove(
            handle, new EndStore.Removal(QueueFixture.server(1), null, null, state, "gone", 100))
        .seqs();
  }

  private static State state(Handle handle, QueuedCommand command) {
    String word =
        handle
            .createQuery(
                """
                select state::text from execution_result where seq = :seq
                union all
                select case when leased_at > '-infinity' and visible_at > now() then 'leased' else 'pending' end
                from queue where seq = :seq
                """)
            .bind("seq", command.seq())
            .mapTo(String.class)
            .one();
    return State.valueOf(word.toUpperCase(Locale.ROOT));
  }
}
