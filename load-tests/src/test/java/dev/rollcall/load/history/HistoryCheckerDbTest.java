// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.history.Violations.Promise;
import dev.rollcall.testkit.DatabaseExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A run in which nothing went wrong, and then each thing that can be seen to have gone wrong. */
final class HistoryCheckerDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private RecordedRun run;

  @BeforeEach
  void record() {
    run = new RecordedRun(database.get());
  }

  @Test
  void a_run_without_faults_keeps_every_promise() {
    Violations violations = run.judge();

    assertThat(violations.isEmpty()).as(violations.toString()).isTrue();
    assertThat(violations.toString()).doesNotContain("BROKEN").contains("kept");
  }

  @Test
  void an_accepted_command_that_is_not_stored_is_lost() {
    run.spoil(1, "delete from command where seq = :seq");

    assertThat(run.judge().promises()).containsExactly(Promise.LOST);
  }

  @Test
  void a_command_with_other_executions_than_the_answer_promised_is_reported() {
    run.accepted(0, 3);

    assertThat(run.judge().promises()).containsExactly(Promise.LOST);
  }

  @Test
  void a_command_that_has_not_ended_is_reported() {
    run.spoil(2, "update command set completed_at = null, final_state = null where seq = :seq");

    assertThat(run.judge().promises()).containsExactly(Promise.LOST);
  }

  @Test
  void counters_for_fewer_executions_than_targeted_are_reported() {
    run.spoil(0, "update command set targeted = 3 where seq = :seq");
    run.accepted(0, 3);

    assertThat(run.judge().promises()).containsExactly(Promise.LOST);
  }

  @Test
  void a_lost_execution_is_reported_even_if_the_counters_agree_with_the_loss() {
    run.spoil(
        0,
        "delete from execution_result where seq = :seq and server_id = 2",
        "update rollup set succeeded = 1 where seq = :seq");

    Violations violations = run.judge();

    assertThat(violations.promises()).containsExactlyInAnyOrder(Promise.LOST, Promise.MISCOUNTED);
    assertThat(violations.count(Promise.LOST)).as("no end; accepted without a result").isEqualTo(2);
  }

  @Test
  void an_execution_that_is_still_in_the_queue_is_reported() {
    run.spoil(0, "insert into queue (seq, server_id, track, cell) values (:seq, 1, 8193, 0)");

    assertThat(run.judge().promises()).containsExactly(Promise.LEFT_OVER);
  }

  @Test
  void an_end_that_is_counted_twice_is_reported() {
    run.spoil(
        0,
        "update rollup set targeted = 3, succeeded = 3 where seq = :seq",
        "update command set targeted = 3 where seq = :seq");
    run.accepted(0, 3);

    assertThat(run.judge().promises()).containsExactly(Promise.MISCOUNTED);
  }

  @Test
  void an_end_that_is_counted_as_another_one_is_reported() {
    run.spoil(
        0,
        "update rollup set succeeded = 1, failed = 1 where seq = :seq",
        "update command set final_state = 'failed' where seq = :seq");

    assertThat(run.judge().promises()).containsExactly(Promise.MISCOUNTED);
  }

  @Test
  void an_end_at_a_server_that_was_not_targeted_is_reported() {
    run.spoil(
        0,
        """
        insert into execution_result (seq, server_id, lease_no, state, participant_id, cell, attempt, reported)
        values (:seq, 3, 1, 'succeeded', 1, 0, 1, true)
        """,
        "update rollup set targeted = 3, succeeded = 3 where seq = :seq",
        "update command set targeted = 3 where seq = :seq");
    run.accepted(0, 3);

    Violations violations = run.judge();

    assertThat(violations.promises()).containsExactly(Promise.MISCOUNTED);
    assertThat(violations.toString()).contains("not in its target");
  }

  @Test
  void a_final_state_that_the_counters_contradict_is_reported() {
    run.spoil(0, "update command set final_state = 'failed' where seq = :seq");

    assertThat(run.judge().promises()).containsExactly(Promise.MISCOUNTED);
  }

  @Test
  void a_result_counted_under_another_lease_than_the_accepted_one_is_reported() {
    run.spoil(0, "update execution_result set lease_no = 2 where seq = :seq and server_id = 1");

    assertThat(run.judge().promises()).containsExactly(Promise.MISCOUNTED);
  }

  @Test
  void a_result_counted_as_another_outcome_than_the_accepted_one_is_reported() {
    run.spoil(
        0,
        "update execution_result set state = 'failed' where seq = :seq and server_id = 1",
        "update rollup set succeeded = 1, failed = 1 where seq = :seq",
        "update command set final_state = 'failed' where seq = :seq");

    assertThat(run.judge().promises()).containsExactly(Promise.MISCOUNTED);
  }

  @Test
  void an_accepted_result_that_was_replaced_by_an_end_of_the_servers_own_is_reported() {
    run.spoil(0, "update execution_result set reported = false where seq = :seq and server_id = 1");

    assertThat(run.judge().promises()).containsExactly(Promise.MISCOUNTED);
  }

  @Test
  void a_result_counted_although_no_edge_had_it_accepted_is_reported() {
    int second = run.leased(0, 0, 2);
    run.report(run.first(0, 0), Result.RETRY, Judgement.STALE);
    run.report(second, Result.SUCCEEDED, Judgement.STALE);

    assertThat(run.judge(true).promises()).contains(Promise.MISCOUNTED);
  }

  @Test
  void an_end_that_is_accepted_twice_is_reported() {
    run.report(run.leased(0, 0, 2), Result.SUCCEEDED, Judgement.ACCEPTED);

    assertThat(run.judge().promises()).contains(Promise.DOUBLED);
  }

  @Test
  void a_result_whose_verdict_got_lost_may_be_counted_or_not() {
    int open = run.leased(1, 2, 2);
    run.report(run.first(1, 2), Result.RETRY, Judgement.ACCEPTED);
    run.report(open, Result.SUCCEEDED, Judgement.NONE);
    run.spoil(2, "update execution_result set lease_no = 2 where seq = :seq and server_id = 2");

    Violations violations = run.judge(true);

    assertThat(violations.isEmpty()).as(violations.toString()).isTrue();
    assertThat(run.judge(false).promises()).containsExactly(Promise.NOT_ANSWERED);
  }

  @Test
  void an_order_that_contradicts_the_times_of_the_answers_is_reported() {
    run.accepted(2, 2, -20, -10);

    assertThat(run.judge().promises()).containsExactly(Promise.OUT_OF_ORDER);
  }

  @Test
  void what_one_servers_edge_saw_is_judged_too() {
    run.report(run.leased(0, 0, 1), Result.RETRY, Judgement.ACCEPTED);

    Violations violations = run.judge();

    assertThat(violations.promises()).contains(Promise.FENCING, Promise.DOUBLED);
    assertThat(violations.toString()).contains("BROKEN").contains(run.id(0).toString());
  }
}
