// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * What was read of each server's queue to pick from: its first rows, and where those are all of one
 * lane and origin although there are others, the first rows of each of these too. Confined to one
 * thread.
 */
final class Windows {
  private static final Comparator<Candidate> ORDER =
      Comparator.comparingInt(Candidate::track).thenComparingLong(Candidate::seq);

  private final List<Exchange.Request> requests;
  private final List<List<Candidate>> rows = new ArrayList<>();
  private final List<Set<Short>> cut = new ArrayList<>();
  private double now;

  private Windows(List<Exchange.Request> requests) {
    this.requests = requests;
    for (int i = 0; i < requests.size(); i++) {
      rows.add(new ArrayList<>());
      cut.add(new HashSet<>());
    }
  }

  /** Also of servers that want nothing now: to see which of their leases were cancelled. */
  static Windows read(Handle handle, short cell, List<Exchange.Request> requests, int beside) {
    var windows = new Windows(requests);
    Set<Integer> wanting = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      if (requests.get(i).looks()) {
        wanting.add(i);
      }
    }
    windows.fill(handle, cell, wanting, beside, 0);
    return windows;
  }

  /** Reads these servers again, with more rows. */
  void widen(Handle handle, short cell, Set<Integer> which, int least) {
    for (int i : which) {
      rows.get(i).clear();
      cut.get(i).clear();
    }
    fill(handle, cell, which, 0, least);
  }

  private void fill(Handle handle, short cell, Set<Integer> which, int beside, int least) {
    if (which.isEmpty()) {
      return;
    }
    int[] at = which.stream().mapToInt(Integer::intValue).sorted().toArray();
    int[] servers = new int[at.length];
    int[] sizes = new int[at.length];
    for (int i = 0; i < at.length; i++) {
      servers[i] = requests.get(at[i]).server().id();
      sizes[i] = Math.max(requests.get(at[i]).want() + beside, least);
    }
    add(LeaseStore.windows(handle, cell, servers, sizes), at);
    List<Integer> brimming = new ArrayList<>();
    for (int i = 0; i < at.length; i++) {
      List<Candidate> own = rows.get(at[i]);
      if (own.size() >= sizes[i]) {
        cut.get(at[i]).add(own.getLast().track());
        brimming.add(i);
      }
    }
    if (!brimming.isEmpty()) {
      addOtherTracks(handle, cell, at, brimming, servers, sizes);
    }
  }

  private void addOtherTracks(
      Handle handle, short cell, int[] at, List<Integer> brimming, int[] servers, int[] sizes) {
    int[] asked = brimming.stream().mapToInt(i -> servers[i]).toArray();
    List<Integer> which = new ArrayList<>();
    List<Short> tracks = new ArrayList<>();
    for (LeaseStore.TrackOf track : LeaseStore.tracks(handle, cell, asked)) {
      int i = brimming.get(track.ordinal());
      if (track.track() > rows.get(at[i]).getLast().track()) {
        which.add(i);
        tracks.add(track.track());
      }
    }
    if (which.isEmpty()) {
      return;
    }
    short[] trackColumn = new short[tracks.size()];
    for (int i = 0; i < trackColumn.length; i++) {
      trackColumn[i] = tracks.get(i);
    }
    int[] trackServers = which.stream().mapToInt(i -> servers[i]).toArray();
    int[] trackSizes = which.stream().mapToInt(i -> sizes[i]).toArray();
    List<LeaseStore.Row> read =
        LeaseStore.trackWindows(handle, cell, trackServers, trackColumn, trackSizes);
    int[] found = new int[trackColumn.length];
    for (LeaseStore.Row row : read) {
      int ordinal = row.ordinal();
      if (++found[ordinal] == trackSizes[ordinal]) {
        cut.get(at[which.get(ordinal)]).add(trackColumn[ordinal]);
      }
    }
    add(read, which.stream().mapToInt(i -> at[i]).toArray());
  }

  private void add(List<LeaseStore.Row> read, int[] at) {
    Set<Integer> touched = new HashSet<>();
    for (LeaseStore.Row row : read) {
      now = row.now();
      rows.get(at[row.ordinal()]).add(row.candidate());
      touched.add(at[row.ordinal()]);
    }
    touched.forEach(i -> rows.get(i).sort(ORDER));
  }

  Collection<Long> seqs() {
    Set<Long> seqs = new HashSet<>();
    rows.forEach(own -> own.forEach(row -> seqs.add(row.seq())));
    return seqs;
  }

  List<Picker.Picks> pick(Map<Long, QueuedCommand> commands, HoldSet.Check holds) {
    List<Picker.Picks> picks = new ArrayList<>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      Exchange.Request request = requests.get(i);
      picks.add(
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
