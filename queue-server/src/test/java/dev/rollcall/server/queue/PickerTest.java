// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class PickerTest {
  private static final double NOW = 1_000_000;
  private static final short URGENT = Track.of(0, 1);
  private static final short NORMAL = Track.of(1, 1);
  private static final short OTHER_ORIGIN = Track.of(1, 2);
  private static final short BULK = Track.of(2, 1);

  private final Map<Long, QueuedCommand> commands = new HashMap<>();
  private final List<Candidate> rows = new ArrayList<>();

  @Test
  void executions_of_a_key_come_as_a_run_in_order_under_the_longest_lease() {
    command(1, NORMAL, 7, 10);
    command(2, NORMAL, 7, 60);
    command(3, NORMAL, 7, 30);
    free(NORMAL, 1, 2, 3);

    Picker.Picks picks = pick(2);

    assertThat(seqs(picks)).containsExactly(1L, 2L);
    assertThat(picks.picks()).allSatisfy(p -> assertThat(p.leaseSeconds()).isEqualTo(60));
    assertThat(picks.picks()).extracting(Picker.Pick::group).containsOnly(0);
  }

  @Test
  void a_live_lease_holds_its_key_in_every_lane_and_no_other() {
    command(1, NORMAL, 7, 60);
    command(2, NORMAL, 7, 60);
    command(3, NORMAL, 8, 60);
    command(4, BULK, 7, 60);
    command(5, NORMAL, 0, 60);
    leased(NORMAL, 1, 30);
    free(NORMAL, 2, 3, 5);
    free(BULK, 4);

    assertThat(seqs(pick(10))).containsExactly(3L, 5L);
    assertThat(pick(10).dueIn()).isEqualTo(30);
  }

  @Test
  void a_lapsed_lease_behind_a_live_one_stays_behind() {
    command(1, NORMAL, 7, 60);
    command(2, NORMAL, 7, 60);
    leased(NORMAL, 1, -1);
    leased(NORMAL, 2, 30);

    assertThat(seqs(pick(10))).isEmpty();
  }

  @Test
  void a_front_that_waits_for_a_retry_blocks_its_key_in_its_lane() {
    command(1, NORMAL, 7, 60);
    command(2, NORMAL, 7, 60);
    command(3, URGENT, 7, 60);
    waiting(NORMAL, 1, 5);
    free(NORMAL, 2);
    free(URGENT, 3);

    Picker.Picks picks = pick(10);

    assertThat(seqs(picks)).containsExactly(3L);
    assertThat(picks.dueIn()).isEqualTo(5);
  }

  @Test
  void one_that_waits_behind_the_front_ends_the_run_before_it() {
    command(1, NORMAL, 7, 60);
    command(2, NORMAL, 7, 60);
    command(3, NORMAL, 7, 60);
    free(NORMAL, 1);
    waiting(NORMAL, 2, 5);
    free(NORMAL, 3);

    assertThat(seqs(pick(10))).containsExactly(1L);
  }

  @Test
  void without_a_key_there_is_no_order_and_no_block() {
    command(1, NORMAL, 0, 60);
    command(2, NORMAL, 0, 60);
    command(3, NORMAL, 0, 60);
    leased(NORMAL, 1, 30);
    waiting(NORMAL, 2, 5);
    free(NORMAL, 3);

    assertThat(seqs(pick(10))).containsExactly(3L);
    assertThat(pick(10).picks()).extracting(Picker.Pick::group).containsExactly(0);
  }

  @Test
  void what_may_never_be_leased_again_is_named_with_its_reason() {
    command(1, NORMAL, 7, 60, 2, NOW + 60);
    command(2, NORMAL, 7, 60, 5, NOW - 1);
    command(3, NORMAL, 7, 60, 5, NOW + 60);
    command(4, NORMAL, 7, 60, 5, NOW + 60);
    rows.add(new Candidate(NORMAL, 1, 2, 2, true, -1, false));
    free(NORMAL, 2);
    rows.add(new Candidate(NORMAL, 3, 1, 1, true, -1, true));
    free(NORMAL, 4);

    Picker.Picks picks = pick(10);

    assertThat(picks.over())
        .extracting(Picker.Ended::reason)
        .containsExactly(Picker.Over.NO_RESULT, Picker.Over.EXPIRED, Picker.Over.CANCELLED);
    assertThat(seqs(picks)).containsExactly(4L);
  }

  @Test
  void a_cancelled_live_lease_is_news_and_holds_its_key() {
    command(1, NORMAL, 7, 60);
    command(2, NORMAL, 7, 60);
    rows.add(new Candidate(NORMAL, 1, 1, 1, true, 20, true));
    free(NORMAL, 2);

    Picker.Picks picks = pick(10);

    assertThat(picks.cancelled()).extracting(Candidate::seq).containsExactly(1L);
    assertThat(seqs(picks)).isEmpty();
  }

  @Test
  void of_ten_one_comes_from_the_next_lower_lane_that_has_work() {
    for (int i = 1; i <= 300; i++) {
      short track = i <= 100 ? URGENT : i <= 200 ? NORMAL : BULK;
      command(i, track, 0, 60);
      free(track, i);
    }

    List<Short> tracks = pick(100).picks().stream().map(p -> p.row().track()).toList();

    assertThat(tracks).filteredOn(track -> track == URGENT).hasSize(90);
    assertThat(tracks).filteredOn(track -> track == NORMAL).hasSize(9);
    assertThat(tracks).filteredOn(track -> track == BULK).hasSize(1);
    assertThat(tracks.get(9)).isEqualTo(NORMAL);
    assertThat(tracks.get(99)).isEqualTo(BULK);
  }

  @Test
  void the_share_counts_on_from_answer_to_answer() {
    command(1, URGENT, 0, 60);
    command(2, BULK, 0, 60);
    free(URGENT, 1);
    free(BULK, 2);

    assertThat(seqs(pick(1, 8))).containsExactly(1L);
    assertThat(seqs(pick(1, 9))).containsExactly(2L);
  }

  @Test
  void origins_take_turns_within_a_lane() {
    for (int i = 1; i <= 20; i++) {
      command(i, NORMAL, 0, 60);
      free(NORMAL, i);
    }
    command(21, OTHER_ORIGIN, 0, 60);
    command(22, OTHER_ORIGIN, 0, 60);
    free(OTHER_ORIGIN, 21, 22);

    assertThat(seqs(pick(5)))
        .contains(21L, 22L)
        .containsSubsequence(21L, 22L)
        .containsSubsequence(1L, 2L);
  }

  @Test
  void who_has_little_waiting_gets_an_answer_that_is_not_filled_up_from_a_long_line() {
    for (long seq = 1; seq <= 40; seq++) {
      command(seq, NORMAL, 0, 60);
      free(NORMAL, seq);
    }
    command(41, OTHER_ORIGIN, 0, 60);
    free(OTHER_ORIGIN, 41);

    assertThat(seqs(pick(10))).hasSize(2).contains(41L);
    assertThat(pick(10).spared()).isTrue();
    assertThat(seqs(pick(40))).hasSize(5).contains(41L);
    assertThat(seqs(pick(50))).hasSize(41);
    assertThat(pick(50).spared()).isFalse();
    assertThat(seqs(pick(10, 0, Set.of(OTHER_ORIGIN)))).hasSize(10);
    command(42, URGENT, 0, 60);
    free(URGENT, 42);
    assertThat(seqs(pick(10))).hasSize(2).contains(42L);
  }

  @Test
  void a_long_line_is_not_cut_for_what_waits_in_a_lower_lane() {
    for (long seq = 1; seq <= 40; seq++) {
      command(seq, NORMAL, 0, 60);
      free(NORMAL, seq);
    }
    command(41, BULK, 0, 60);
    free(BULK, 41);

    assertThat(seqs(pick(10))).hasSize(10);
  }

  @Test
  void two_long_lines_fill_an_answer_together() {
    for (long seq = 1; seq <= 20; seq++) {
      short track = seq % 2 == 0 ? NORMAL : OTHER_ORIGIN;
      command(seq, track, 0, 60);
      free(track, seq);
    }

    assertThat(seqs(pick(10))).hasSize(10);
    assertThat(pick(10).spared()).isFalse();
  }

  @Test
  void a_key_in_two_lanes_is_guarded_by_its_front_in_the_other() {
    command(1, NORMAL, 7, 60);
    command(2, BULK, 7, 60);
    free(NORMAL, 1);
    free(BULK, 2);

    Picker.Picks picks = pick(1);

    assertThat(picks.picks()).extracting(p -> p.row().seq()).containsExactly(2L, 1L);
    assertThat(picks.picks()).extracting(Picker.Pick::guard).containsExactly(true, false);
  }

  @Test
  void an_answer_holds_no_more_than_its_bytes_but_at_least_one() {
    commands.put(1L, new QueuedCommand(1, UUID.randomUUID(), NORMAL, 0, 60, 5, NOW + 60, 2 << 20));
    commands.put(2L, new QueuedCommand(2, UUID.randomUUID(), NORMAL, 0, 60, 5, NOW + 60, 10));
    free(NORMAL, 1, 2);

    Picker.Picks picks = pick(10);

    assertThat(seqs(picks)).containsExactly(1L);
    assertThat(picks.blind()).isFalse();
  }

  @Test
  void it_is_blind_when_a_track_ran_dry_of_which_not_all_was_read() {
    for (int i = 1; i <= 4; i++) {
      command(i, i <= 2 ? URGENT : NORMAL, 0, 60);
    }
    leased(URGENT, 1, 30);
    free(URGENT, 2);
    free(NORMAL, 3, 4);

    assertThat(pick(1, 0, Set.of(URGENT, NORMAL)).blind()).isFalse();
    assertThat(pick(2, 0, Set.of(URGENT)).blind()).isTrue();
    assertThat(pick(2, 0, Set.of(NORMAL)).blind()).isFalse();
    assertThat(pick(4, 0, Set.of(NORMAL)).blind()).isTrue();
    assertThat(pick(4, 0, Set.of()).blind()).isFalse();
  }

  @Test
  void it_is_blind_when_a_chosen_key_may_be_leased_behind_what_was_read_of_another_lane() {
    command(1, NORMAL, 8, 60);
    command(2, NORMAL, 9, 60);
    command(3, URGENT, 7, 60);
    leased(NORMAL, 1, 30);
    free(NORMAL, 2);
    free(URGENT, 3);

    assertThat(seqs(pick(1))).containsExactly(3L);
    assertThat(pick(1, 0, Set.of(NORMAL)).blind()).isTrue();
    assertThat(pick(1, 0, Set.of(OTHER_ORIGIN)).blind()).isFalse();
    command(4, NORMAL, 7, 60);
    free(NORMAL, 4);
    assertThat(pick(1, 0, Set.of(NORMAL)).blind()).as("none was handed out behind it").isFalse();
  }

  @Test
  void it_is_blind_when_a_chosen_front_went_back_and_what_followed_it_was_not_read() {
    command(1, NORMAL, 7, 60);
    command(2, NORMAL, 8, 60);
    rows.add(new Candidate(NORMAL, 1, 1, 0, false, -1, false));
    free(NORMAL, 2);

    assertThat(pick(1, 0, Set.of(NORMAL)).blind()).isTrue();
    command(3, NORMAL, 7, 60);
    free(NORMAL, 3);
    assertThat(pick(1, 0, Set.of(NORMAL)).blind()).isFalse();
  }

  @Test
  void without_a_key_nothing_unread_can_stand_against_it() {
    command(1, NORMAL, 8, 60);
    command(2, URGENT, 0, 60);
    free(NORMAL, 1);
    free(URGENT, 2);

    assertThat(pick(1, 0, Set.of(NORMAL)).blind()).isFalse();
  }

  @Test
  void lapsed_leases_that_are_taken_again_are_counted() {
    command(1, NORMAL, 0, 60);
    leased(NORMAL, 1, -1);

    assertThat(pick(1).lapsed()).isEqualTo(1);
  }

  private void command(long seq, short track, long key, int leaseSeconds) {
    command(seq, track, key, leaseSeconds, 5, NOW + 86_400);
  }

  private void command(
      long seq, short track, long key, int leaseSeconds, int attempts, double deadline) {
    commands.put(
        seq,
        new QueuedCommand(
            seq, UUID.randomUUID(), track, key, leaseSeconds, attempts, deadline, 100));
  }

  private void free(short track, long... seqs) {
    for (long seq : seqs) {
      rows.add(new Candidate(track, seq, 0, 0, false, -1, false));
    }
  }

  private void leased(short track, long seq, double remaining) {
    rows.add(new Candidate(track, seq, 1, 1, true, remaining, false));
  }

  private void waiting(short track, long seq, double seconds) {
    rows.add(new Candidate(track, seq, 1, 1, false, seconds, false));
  }

  private Picker.Picks pick(int want) {
    return pick(want, 0);
  }

  private Picker.Picks pick(int want, int handed) {
    return pick(want, handed, Set.of());
  }

  private Picker.Picks pick(int want, int handed, Set<Short> cut) {
    List<Candidate> sorted =
        rows.stream()
            .sorted(
                java.util.Comparator.comparingInt(Candidate::track)
                    .thenComparingLong(Candidate::seq))
            .toList();
    return Picker.pick(
        sorted,
        seq -> Objects.requireNonNull(commands.get(seq)),
        NOW,
        new Picker.Want(want, handed, cut));
  }

  private static List<Long> seqs(Picker.Picks picks) {
    return picks.picks().stream().filter(p -> !p.guard()).map(p -> p.row().seq()).toList();
  }
}
