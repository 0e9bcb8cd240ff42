// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The picks of a batch as the columns of one statement. They stand in the order of the queue's key,
 * in which every statement locks rows; what is taken of them is answered in the order in which it
 * was picked.
 */
final class PickColumns {
  private static final Comparator<Entry> KEY_ORDER =
      Comparator.<Entry>comparingInt(entry -> entry.server)
          .thenComparingInt(entry -> entry.pick.row().track())
          .thenComparingLong(entry -> entry.pick.row().seq());

  /**
   * @param place in the order of picks
   * @param group number within the batch
   * @param rank within its group, from 1
   */
  private record Entry(int request, int server, int place, int group, int rank, Picker.Pick pick) {}

  private final List<Entry> entries;
  private final LeaseStore.Picks columns;
  private final boolean guarded;

  /**
   * @param picks of each request
   */
  PickColumns(List<Exchange.Request> requests, List<Picker.Picks> picks) {
    entries = entries(requests, picks);
    entries.sort(KEY_ORDER);
    int n = entries.size();
    columns =
        new LeaseStore.Picks(
            new int[n],
            new short[n],
            new long[n],
            new int[n],
            new int[n],
            new int[n],
            new boolean[n],
            new int[n],
            new double[n]);
    for (int i = 0; i < n; i++) {
      fill(i, entries.get(i));
    }
    guarded = entries.stream().anyMatch(entry -> entry.pick.guard());
  }

  private static List<Entry> entries(List<Exchange.Request> requests, List<Picker.Picks> picks) {
    List<Entry> entries = new ArrayList<>();
    int firstGroup = 0;
    for (int i = 0; i < requests.size(); i++) {
      List<Picker.Pick> own = picks.get(i).picks();
      int[] ranks = new int[own.size()];
      int groups = 0;
      for (Picker.Pick pick : own) {
        groups = Math.max(groups, pick.group() + 1);
        entries.add(
            new Entry(
                i,
                requests.get(i).server().id(),
                entries.size(),
                firstGroup + pick.group(),
                ++ranks[pick.group()],
                pick));
      }
      firstGroup += groups;
    }
    return entries;
  }

  private void fill(int i, Entry entry) {
    Picker.Pick pick = entry.pick;
    columns.servers()[i] = entry.server;
    columns.tracks()[i] = pick.row().track();
    columns.seqs()[i] = pick.row().seq();
    columns.leaseNos()[i] = pick.row().leaseNo();
    columns.groups()[i] = entry.group;
    columns.ranks()[i] = entry.rank;
    columns.guards()[i] = pick.guard();
    columns.seconds()[i] = pick.leaseSeconds();
    columns.deadlines()[i] = pick.command().deadline();
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  /** Whether some are only to be locked. */
  boolean isGuarded() {
    return guarded;
  }

  LeaseStore.Picks columns() {
    return columns;
  }

  QueuedCommand command(int ordinal) {
    return entries.get(ordinal).pick.command();
  }

  /** Which request picked it. */
  int request(int ordinal) {
    return entries.get(ordinal).request;
  }

  /** Its place in the order of picks. */
  int place(int ordinal) {
    return entries.get(ordinal).place;
  }
}
