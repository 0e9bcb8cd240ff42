// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is to be read of a server's queue, by what was seen of it. */
final class TracksTest {
  private static final long ALL = Long.MIN_VALUE;

  private static Candidate row(int track, long seq) {
    return new Candidate((short) track, seq, 0, 0, false, 0, false);
  }

  private static Tracks.Range range(int track, long seq, int to) {
    return new Tracks.Range((short) track, seq, (short) to);
  }

  @Test
  void of_a_server_that_is_not_known_everything_is_read() {
    assertThat(Tracks.UNKNOWN.ranges()).containsExactly(range(0, ALL, Track.END));
  }

  @Test
  void a_track_begins_at_its_first_row_and_what_lies_between_tracks_is_read_whole() {
    Tracks known = Tracks.UNKNOWN.after(100, List.of(row(5, 40), row(5, 41), row(9, 70)));

    assertThat(known.ranges())
        .containsExactly(range(0, ALL, 5), range(5, 40, 9), range(9, 70, Track.END));
  }

  @Test
  void the_lowest_track_leaves_nothing_before_it() {
    assertThat(Tracks.UNKNOWN.after(100, List.of(row(0, 40))).ranges())
        .containsExactly(range(0, 40, Track.END));
  }

  @Test
  void no_floor_is_above_what_is_in_sight() {
    Tracks known = Tracks.UNKNOWN.after(100, List.of(row(5, 400)));

    assertThat(known.ranges()).containsExactly(range(0, ALL, 5), range(5, 100, Track.END));
  }

  @Test
  void a_track_without_rows_begins_where_nothing_can_have_been_missed() {
    Tracks known =
        Tracks.UNKNOWN.after(100, List.of(row(5, 40))).after(200, List.of()).after(150, List.of());

    assertThat(known.ranges()).containsExactly(range(0, ALL, 5), range(5, 200, Track.END));
  }

  @Test
  void nothing_is_learnt_while_it_is_not_known_what_is_in_sight() {
    assertThat(Tracks.UNKNOWN.after(ALL, List.of(row(5, 40)))).isSameAs(Tracks.UNKNOWN);
  }

  @Test
  void a_row_that_stays_first_for_long_no_longer_keeps_the_floor_down() {
    List<Candidate> rows = List.of(row(5, 40), row(5, 70), row(5, 71));
    Tracks known = Tracks.UNKNOWN;
    for (int i = 0; i < 20; i++) {
      known = known.after(100, rows);
    }

    assertThat(known.ranges()).containsExactly(range(0, ALL, 5), range(5, 70, Track.END));
    assertThat(known.staying()).containsExactly(new Tracks.Place((short) 5, 40));
    Tracks alone = known.after(100, List.of(row(5, 40)));
    assertThat(alone.ranges()).containsExactly(range(0, ALL, 5), range(5, 100, Track.END));
    assertThat(alone.staying()).hasSize(1);
    Tracks gone = known.after(100, List.of(row(5, 71)));
    assertThat(gone.ranges()).containsExactly(range(0, ALL, 5), range(5, 71, Track.END));
    assertThat(gone.staying()).isEmpty();
  }

  @Test
  void of_rows_that_stay_only_the_first_few_are_kept_apart() {
    List<Candidate> rows = IntStream.range(0, 10).mapToObj(i -> row(5, 40 + i)).toList();
    Tracks known = Tracks.UNKNOWN;
    for (int i = 0; i < 1_000; i++) {
      known = known.after(100, rows);
    }

    assertThat(known.staying()).extracting(Tracks.Place::seq).containsExactly(40L, 41L, 42L, 43L);
    assertThat(known.ranges()).endsWith(range(5, 44, Track.END));
  }

  @Test
  void a_row_that_is_not_in_sight_is_not_kept_apart() {
    Tracks known = Tracks.UNKNOWN;
    for (int i = 0; i < 20; i++) {
      known = known.after(100, List.of(row(5, 400)));
    }

    assertThat(known.ranges()).containsExactly(range(0, ALL, 5), range(5, 100, Track.END));
    assertThat(known.staying()).isEmpty();
  }

  @Test
  void of_many_tracks_those_with_the_oldest_rows_are_forgotten() {
    List<Candidate> rows = IntStream.range(0, 20).mapToObj(i -> row(i, 1_000 - i)).toList();

    List<Tracks.Range> ranges = Tracks.UNKNOWN.after(5_000, rows).ranges();

    assertThat(ranges).hasSize(16);
    assertThat(ranges.getLast()).isEqualTo(range(15, 985, Track.END));
  }
}
