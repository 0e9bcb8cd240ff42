// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The tracks of a server on which rows were seen, each with the place below which it holds nothing
 * and never will, but for a few rows that stay. Immutable.
 */
final class Tracks {
  static final Tracks UNKNOWN = new Tracks(Map.of());

  /** Each costs a probe of the index at every poll; of more the oldest are forgotten. */
  private static final int MOST = 16;

  private final NavigableMap<Short, Known> byTrack;

  private Tracks(Map<Short, Known> byTrack) {
    this.byTrack = new TreeMap<>(byTrack);
  }

  /**
   * A stretch of a server's queue: from a place on a track to the beginning of another track.
   *
   * @param to not part of it
   */
  record Range(short track, long seq, short to) {}

  /** A row that is known by its key. */
  record Place(short track, long seq) {}

  /** Where a row lies below the floor of its track all the same. */
  List<Place> staying() {
    List<Place> places = new ArrayList<>();
    byTrack.forEach(
        (track, known) -> known.staying().forEach(seq -> places.add(new Place(track, seq))));
    return places;
  }

  /** Stretches that hold all other rows there are, in their order, without the known gaps. */
  List<Range> ranges() {
    List<Range> ranges = new ArrayList<>(byTrack.size() + 1);
    short track = 0;
    long floor = Long.MIN_VALUE;
    for (Map.Entry<Short, Known> entry : byTrack.entrySet()) {
      if (entry.getKey() > track || floor > Long.MIN_VALUE) {
        ranges.add(new Range(track, floor, entry.getKey()));
      }
      track = entry.getKey();
      floor = entry.getValue().floor();
    }
    ranges.add(new Range(track, floor, Track.END));
    return ranges;
  }

  /**
   * What is known after these stretches, and what stays, were read.
   *
   * @param inSight up to which place nothing could have been missed
   * @param rows by track and place; of each track that has rows at least the first two of each
   *     stretch
   */
  Tracks after(long inSight, List<Candidate> rows) {
    if (inSight == Long.MIN_VALUE) {
      return this;
    }
    var places = new TreeMap<Short, List<Long>>();
    byTrack.keySet().forEach(track -> places.put(track, new ArrayList<>()));
    rows.forEach(row -> places.computeIfAbsent(row.track(), t -> new ArrayList<>()).add(row.seq()));
    var next = new TreeMap<Short, Known>();
    places.forEach((track, seqs) ->
        next.put(track, byTrack.getOrDefault(track, Known.NOTHING).after(inSight, seqs)));
    while (next.size() > MOST) {
      next.remove(
          next.entrySet().stream()
              .min(Map.Entry.comparingByValue(Comparator.comparingLong(Known::seen)))
              .orElseThrow()
              .getKey());
    }
    return new Tracks(next);
  }

  /**
   * Of one track.
   *
   * @param staying places below the floor that hold a row all the same, ascending
   * @param floor the lowest other place that may hold one
   * @param seen at which place the first row from the floor on was last seen
   * @param still how often in a row it was the same one
   */
  private record Known(List<Long> staying, long floor, long seen, int still) {
    static final Known NOTHING = new Known(List.of(), Long.MIN_VALUE, Long.MIN_VALUE, 0);

    /** A row that is first for so long keeps the floor down for those behind it. */
    private static final int STAYS = 16;

    private static final int MOST_STAYING = 4;

    Known after(long inSight, List<Long> seqs) {
      List<Long> below = seqs.stream().filter(seq -> seq < floor).toList();
      List<Long> above = seqs.subList(below.size(), seqs.size());
      if (above.isEmpty()) {
        return new Known(below, Math.max(floor, inSight), seen, 0);
      }
      long first = above.getFirst();
      int same = first == seen ? Math.min(still + 1, STAYS) : 0;
      if (same < STAYS || below.size() == MOST_STAYING || first >= inSight) {
        return new Known(below, Math.max(floor, Math.min(first, inSight)), first, same);
      }
      List<Long> longer = new ArrayList<>(below);
      longer.add(first);
      long second = above.size() > 1 ? above.get(1) : Long.MAX_VALUE;
      return new Known(List.copyOf(longer), Math.min(second, inSight), second, 0);
    }
  }
}
