// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * What was read of each server's queue to pick from: the first rows of each of its tracks that are
 * known, and of what lies between them; where those are all of one track although there are others,
 * the first rows of each of these too. Confined to one thread.
 */
final class Windows {
  private static final Comparator<Candidate> ORDER =
      Comparator.comparingInt(Candidate::track).thenComparingLong(Candidate::seq);

  private final Handle handle;
  private final short cell;
  private final List<Exchange.Request> requests;
  private final long inSight;
  private final List<Tracks> known = new ArrayList<>();
  private final List<List<Candidate>> rows = new ArrayList<>();
  private final List<Set<Short>> cut = new ArrayList<>();
  private double now;

  private Windows(Handle handle, short cell, List<Exchange.Request> requests, Floors.Era floors) {
    this.handle = handle;
    this.cell = cell;
    this.requests = requests;
    this.inSight = floors.inSight(); // before anything is read
    for (Exchange.Request request : requests) {
      known.add(floors.of(request.server().id()));
      rows.add(new ArrayList<>());
      cut.add(new HashSet<>());
    }
  }

  /** A stretch of one request's server, of which so many rows are read. */
  private record Stretch(int request, Tracks.Range range, int size) {}

  /** Also of servers that want nothing now: to see which of their leases were cancelled. */
  static Windows read(
      Handle handle, short cell, List<Exchange.Request> requests, int beside, Floors.Era floors) {
    var windows = new Windows(handle, cell, requests, floors);
    Set<Integer> wanting = new TreeSet<>();
    for (int i = 0; i < requests.size(); i++) {
      if (requests.get(i).looks()) {
        wanting.add(i);
      }
    }
    windows.fill(wanting, beside, 0);
    return windows;
  }

  /** Reads these servers again, with more rows. */
  void widen(Set<Integer> which, int least) {
    for (int i : which) {
      rows.get(i).clear();
      cut.get(i).clear();
    }
    fill(which, 0, least);
  }

  /**
   * These requests in parts of which no more than so many rows are read, if it is more than one.
   */
  List<Set<Integer>> parts(Set<Integer> which, int least, int mostRows) {
    List<Set<Integer>> parts = new ArrayList<>();
    long rowsOfLast = 0;
    for (int i : which) {
      long most = (long) size(i, 0, least) * known.get(i).ranges().size();
      if (parts.isEmpty() || rowsOfLast + most > mostRows) {
        parts.add(new TreeSet<>());
        rowsOfLast = 0;
      }
      parts.getLast().add(i);
      rowsOfLast += most;
    }
    return parts;
  }

  /** Forgets the rows of requests that were picked from. */
  void drop(Set<Integer> which) {
    which.forEach(i -> rows.get(i).clear());
  }

  private int size(int request, int beside, int least) {
    return Math.max(requests.get(request).want() + beside, least);
  }

  private void fill(Set<Integer> which, int beside, int least) {
    List<Stretch> stretches = new ArrayList<>();
    for (int i : which) {
      int size = size(i, beside, least);
      known.get(i).ranges().forEach(range -> stretches.add(new Stretch(i, range, size)));
    }
    addTracksBetween(read(stretches));
    addStaying(which);
    which.forEach(i -> rows.get(i).sort(ORDER));
  }

  private void addStaying(Set<Integer> which) {
    List<Integer> at = new ArrayList<>();
    List<Tracks.Place> places = new ArrayList<>();
    for (int i : which) {
      for (Tracks.Place place : known.get(i).staying()) {
        at.add(i);
        places.add(place);
      }
    }
    if (places.isEmpty()) {
      return;
    }
    int n = places.size();
    int[] servers = new int[n];
    short[] tracks = new short[n];
    long[] seqs = new long[n];
    for (int i = 0; i < n; i++) {
      servers[i] = requests.get(at.get(i)).server().id();
      tracks[i] = places.get(i).track();
      seqs[i] = places.get(i).seq();
    }
    for (LeaseStore.Row row : LeaseStore.places(handle, cell, servers, tracks, seqs)) {
      rows.get(at.get(row.ordinal())).add(row.candidate());
    }
  }

  /** Of a stretch that was cut off the end may hide other tracks. */
  private void addTracksBetween(List<Stretch> hiding) {
    if (hiding.isEmpty()) {
      return;
    }
    int n = hiding.size();
    int[] servers = new int[n];
    short[] beyond = new short[n];
    short[] tos = new short[n];
    for (int i = 0; i < n; i++) {
      servers[i] = requests.get(hiding.get(i).request).server().id();
      beyond[i] = hiding.get(i).range.track();
      tos[i] = hiding.get(i).range.to();
    }
    List<Stretch> found = new ArrayList<>();
    for (LeaseStore.TrackOf track : LeaseStore.tracks(handle, cell, servers, beyond, tos)) {
      Stretch at = hiding.get(track.ordinal());
      short next = (short) (track.track() + 1);
      var range = new Tracks.Range(track.track(), Long.MIN_VALUE, next);
      found.add(new Stretch(at.request, range, at.size));
    }
    read(found);
  }

  /** Answers with what lies behind the last row of each stretch that was cut off. */
  private List<Stretch> read(List<Stretch> stretches) {
    if (stretches.isEmpty()) {
      return List.of();
    }
    int[] found = new int[stretches.size()];
    List<Stretch> hiding = new ArrayList<>();
    for (LeaseStore.Row row : LeaseStore.windows(handle, cell, columns(stretches))) {
      now = row.now();
      Stretch stretch = stretches.get(row.ordinal());
      short track = row.candidate().track();
      rows.get(stretch.request).add(row.candidate());
      if (++found[row.ordinal()] == stretch.size) {
        cut.get(stretch.request).add(track);
        if (track + 1 < stretch.range.to()) {
          var rest = new Tracks.Range(track, Long.MAX_VALUE, stretch.range.to());
          hiding.add(new Stretch(stretch.request, rest, stretch.size));
        }
      }
    }
    return hiding;
  }

  private LeaseStore.Stretches columns(List<Stretch> stretches) {
    int n = stretches.size();
    var columns =
        new LeaseStore.Stretches(new int[n], new short[n], new long[n], new short[n], new int[n]);
    for (int i = 0; i < n; i++) {
      Stretch stretch = stretches.get(i);
      columns.servers()[i] = requests.get(stretch.request).server().id();
      columns.tracks()[i] = stretch.range.track();
      columns.seqs()[i] = stretch.range.seq();
      columns.tos()[i] = stretch.range.to();
      columns.sizes()[i] = stretch.size;
    }
    return columns;
  }

  /** What this reading tells of where each server's tracks begin. */
  Map<Integer, Tracks> learnt() {
    Map<Integer, Tracks> learnt = new HashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      if (requests.get(i).looks()) {
        learnt.put(requests.get(i).server().id(), known.get(i).after(inSight, rows.get(i)));
      }
    }
    return learnt;
  }

  Collection<Long> seqs(Set<Integer> which) {
    Set<Long> seqs = new HashSet<>();
    which.forEach(i -> rows.get(i).forEach(row -> seqs.add(row.seq())));
    return seqs;
  }

  Map<Integer, Picker.Picks> pick(
      Set<Integer> which, Map<Long, QueuedCommand> commands, HoldSet.Check holds) {
    Map<Integer, Picker.Picks> picks = new HashMap<>();
    for (int i : which) {
      Exchange.Request request = requests.get(i);
      picks.put(
          i,
          Picker.pick(
              rows.get(i),
              seq -> Objects.requireNonNull(commands.get(seq)),
              now,
              new Picker.Want(request.want(), request.handed(), cut.get(i)),
              holds.at(request.server())));
    }
    return picks;
  }
}
