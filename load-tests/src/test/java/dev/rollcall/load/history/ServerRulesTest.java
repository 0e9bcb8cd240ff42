// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.history.Violations.Promise;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What one server's edge may see, and what it must not; all times in milliseconds. */
final class ServerRulesTest {
  private static final long KEY = 7;
  private static final int LEASE_SECONDS = 60;
  private static final int OLD = 0;
  private static final int YOUNG = 1;

  /** Of the same key, in another lane. */
  private static final int URGENT = 2;

  private static final int WITHOUT_KEY = 3;
  private static final int NOT_STORED = 4;

  private final KnownCommands commands = new KnownCommands(5);

  ServerRulesTest() {
    command(OLD, 1, KEY);
    command(YOUNG, 1, KEY);
    command(URGENT, 0, KEY);
    command(WITHOUT_KEY, 1, 0);
  }

  private void command(int number, int lane, long key) {
    commands.add(new CommandFacts(number, new UUID(7, number), 100 + number, lane, key, 1, true));
  }

  private Violations judge(boolean connectionsLost, Lease... leases) {
    var violations = new Violations();
    new ServerRules("p/s", commands, connectionsLost, violations).check(List.of(leases));
    return violations;
  }

  private Violations judge(Lease... leases) {
    return judge(false, leases);
  }

  /** Handed out with the answer at that time, reported 10 later, and accepted. */
  private static Lease succeeded(int command, int lease, long at) {
    return lease(command, lease, at, at + 10, Result.SUCCEEDED, Judgement.ACCEPTED);
  }

  private static Lease lease(
      int command, int lease, long at, long reportedAt, Result result, Judgement judgement) {
    return sent(1, command, lease, at, reportedAt, result, judgement);
  }

  private static Lease sent(
      int times,
      int command,
      int lease,
      long at,
      long reportedAt,
      Result result,
      Judgement judgement) {
    return new Lease(
        0,
        command,
        lease,
        LEASE_SECONDS,
        result,
        judgement,
        times,
        nanos(at - 1),
        nanos(at),
        times == 0 ? 0 : nanos(reportedAt),
        judgement == Judgement.NONE ? 0 : nanos(reportedAt + 1));
  }

  private static long nanos(long millis) {
    return millis * 1_000_000;
  }

  @Test
  void runs_retries_lapses_and_repeated_results_are_as_they_should_be() {
    Violations violations =
        judge(
            succeeded(OLD, 1, 100),
            lease(YOUNG, 1, 100, 110, Result.RETRY, Judgement.ACCEPTED),
            sent(2, YOUNG, 2, 1_000, 1_010, Result.SUCCEEDED, Judgement.DUPLICATE),
            lease(WITHOUT_KEY, 1, 1_000, 70_000, Result.SUCCEEDED, Judgement.STALE),
            succeeded(WITHOUT_KEY, 2, 61_100));

    assertThat(violations.isEmpty()).as(violations.toString()).isTrue();
  }

  @Test
  void a_command_that_was_handed_out_must_be_stored() {
    assertThat(judge(succeeded(NOT_STORED, 1, 100)).promises()).containsExactly(Promise.LOST);
  }

  @Test
  void nothing_is_handed_out_after_its_end() {
    assertThat(judge(succeeded(OLD, 1, 100), succeeded(OLD, 2, 200)).promises())
        .containsExactly(Promise.DOUBLED);
  }

  @Test
  void lease_numbers_grow() {
    Lease first = lease(OLD, 2, 100, 110, Result.RETRY, Judgement.ACCEPTED);

    assertThat(judge(first, succeeded(OLD, 2, 200)).promises()).containsExactly(Promise.FENCING);
    assertThat(judge(first, succeeded(OLD, 1, 200)).promises()).containsExactly(Promise.FENCING);
    assertThat(judge(first, succeeded(OLD, 3, 200)).isEmpty()).isTrue();
  }

  @Test
  void two_leases_of_an_execution_are_not_live_at_once() {
    Lease first = lease(WITHOUT_KEY, 1, 100, 70_000, Result.SUCCEEDED, Judgement.STALE);

    assertThat(judge(first, succeeded(WITHOUT_KEY, 2, 60_000)).promises())
        .containsExactly(Promise.FENCING);
    assertThat(judge(first, succeeded(WITHOUT_KEY, 2, 60_100)).isEmpty()).isTrue();
  }

  @Test
  void a_result_under_a_lease_that_was_replaced_is_not_accepted() {
    Lease second = lease(WITHOUT_KEY, 2, 61_000, 80_000, Result.RETRY, Judgement.ACCEPTED);

    assertThat(
            judge(lease(WITHOUT_KEY, 1, 100, 70_000, Result.RETRY, Judgement.ACCEPTED), second)
                .promises())
        .containsExactly(Promise.FENCING);
    assertThat(
            judge(lease(WITHOUT_KEY, 1, 100, 70_000, Result.SUCCEEDED, Judgement.ACCEPTED), second)
                .promises())
        .containsExactlyInAnyOrder(Promise.FENCING, Promise.DOUBLED);
  }

  @Test
  void a_result_under_the_current_lease_is_not_stale() {
    assertThat(judge(lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.STALE)).promises())
        .containsExactly(Promise.FENCING);
    assertThat(judge(lease(OLD, 1, 100, 70_000, Result.SUCCEEDED, Judgement.STALE)).isEmpty())
        .as("the lease may have lapsed")
        .isTrue();
  }

  @Test
  void the_first_hand_out_follows_the_acceptance_within_a_key_and_lane() {
    assertThat(judge(succeeded(YOUNG, 1, 100), succeeded(OLD, 1, 200)).promises())
        .containsExactly(Promise.OUT_OF_ORDER);
    assertThat(judge(succeeded(YOUNG, 1, 100), succeeded(OLD, 1, 100)).promises())
        .as("in one answer")
        .containsExactly(Promise.OUT_OF_ORDER);
    assertThat(judge(succeeded(URGENT, 1, 100), succeeded(OLD, 1, 200)).isEmpty())
        .as("another lane")
        .isTrue();
    assertThat(judge(succeeded(WITHOUT_KEY, 1, 100), succeeded(OLD, 1, 200)).isEmpty())
        .as("no key")
        .isTrue();
  }

  @Test
  void a_retry_may_come_after_younger_ones() {
    Violations violations =
        judge(
            lease(OLD, 1, 100, 110, Result.RETRY, Judgement.ACCEPTED),
            succeeded(YOUNG, 1, 100),
            succeeded(OLD, 2, 200));

    assertThat(violations.isEmpty()).as(violations.toString()).isTrue();
  }

  @Test
  void one_poll_holds_a_key_at_a_time() {
    Lease held = lease(OLD, 1, 100, 300, Result.SUCCEEDED, Judgement.ACCEPTED);

    assertThat(judge(held, succeeded(YOUNG, 1, 200)).promises())
        .containsExactly(Promise.KEY_SHARED);
    assertThat(judge(held, succeeded(URGENT, 1, 200)).promises())
        .as("another lane")
        .containsExactly(Promise.KEY_SHARED);
    assertThat(judge(held, succeeded(YOUNG, 1, 100)).isEmpty()).as("one answer").isTrue();
    assertThat(judge(held, succeeded(YOUNG, 1, 300)).isEmpty()).as("afterwards").isTrue();
    assertThat(judge(held, succeeded(WITHOUT_KEY, 1, 200)).isEmpty()).as("no key").isTrue();
  }

  @Test
  void the_longest_lease_of_a_run_holds_the_key() {
    Lease held = lease(OLD, 1, 100, 300, Result.SUCCEEDED, Judgement.ACCEPTED);

    assertThat(judge(held, succeeded(YOUNG, 1, 100), succeeded(URGENT, 1, 200)).promises())
        .containsExactly(Promise.KEY_SHARED);
  }

  @Test
  void each_result_gets_a_verdict_that_fits() {
    assertThat(judge(lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.NONE)).promises())
        .containsExactly(Promise.NOT_ANSWERED);
    assertThat(judge(lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.UNKNOWN)).promises())
        .containsExactly(Promise.NOT_ANSWERED);
    assertThat(judge(lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.INVALID)).promises())
        .containsExactly(Promise.NOT_ANSWERED);
    assertThat(judge(lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.DUPLICATE)).promises())
        .as("sent once")
        .containsExactly(Promise.NOT_ANSWERED);
    assertThat(judge(sent(0, OLD, 1, 100, 0, Result.NONE, Judgement.NONE)).promises())
        .as("never sent")
        .containsExactly(Promise.NOT_ANSWERED);
  }

  @Test
  void where_connections_were_lost_a_verdict_may_be_missing() {
    assertThat(judge(true, lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.NONE)).isEmpty())
        .isTrue();
    assertThat(judge(true, sent(0, OLD, 1, 100, 0, Result.NONE, Judgement.NONE)).isEmpty())
        .isTrue();
    assertThat(judge(true, lease(OLD, 1, 100, 200, Result.SUCCEEDED, Judgement.UNKNOWN)).promises())
        .containsExactly(Promise.NOT_ANSWERED);
  }
}
