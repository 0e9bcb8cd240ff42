// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * Puts commands into the queue, inside the caller's transaction: first {@link #lockKeys}, then
 * {@link #takePlaces}, then {@link #enqueue}. In this order the commands of one ordering key become
 * visible in the order of their places.
 */
public final class FanOut {
  private FanOut() {}

  /** Holds the ordering keys until the transaction ends; 0 is no key. */
  public static void lockKeys(Handle handle, Collection<Long> keys) {
    long[] ascending =
        keys.stream()
            .mapToLong(Long::longValue)
            .filter(key -> key != 0)
            .distinct()
            .sorted()
            .toArray();
    if (ascending.length > 0) {
      EnqueueStore.lockKeys(handle, ascending);
    }
  }

  /** The first of so many consecutive places in the order. */
  public static long takePlaces(Handle handle, int wanted) {
    return EnqueueStore.takeSeqs(handle, wanted);
  }

  /** Inserts frozen targets, counters, executions, and what was refused at once. */
  public static void enqueue(Handle handle, List<Enqueued> commands) {
    Map<Short, List<Placed>> cells = new TreeMap<>();
    for (Enqueued command : commands) {
      for (Enqueued.Part part : command.parts()) {
        cells
            .computeIfAbsent(part.cell(), cell -> new ArrayList<>())
            .add(new Placed(command, part));
      }
    }
    cells.forEach((cell, parts) -> enqueue(handle, cell, parts));
  }

  /** Only the executions of a command whose target is stored already. */
  public static void enqueueStored(
      Handle handle, long seq, short track, short cell, int[] servers) {
    if (servers.length > 0) {
      insertQueue(handle, cell, List.of(new Row(seq, track, servers)));
    }
  }

  private record Placed(Enqueued command, Enqueued.Part part) {}

  private static void enqueue(Handle handle, short cell, List<Placed> parts) {
    insertTargets(handle, cell, parts);
    List<Row> queued =
        parts.stream()
            .filter(p -> p.command().now() && p.part().queued().length > 0)
            .map(p -> new Row(p.command().seq(), p.command().track(), p.part().queued()))
            .toList();
    if (!queued.isEmpty()) {
      insertQueue(handle, cell, queued);
    }
    for (Placed placed : parts) {
      if (!placed.part().refused().isEmpty()) {
        EnqueueStore.insertRefused(handle, cell, placed.command().seq(), placed.part().refused());
      }
    }
  }

  private static void insertTargets(Handle handle, short cell, List<Placed> parts) {
    int n = parts.size();
    long[] seqs = new long[n];
    short[] participants = new short[n];
    int[] rejected = new int[n];
    var ranges = new Ranges(parts.stream().map(p -> p.part().targeted()).toList());
    for (int i = 0; i < n; i++) {
      seqs[i] = parts.get(i).command().seq();
      participants[i] = parts.get(i).part().participantId();
      rejected[i] = parts.get(i).part().refused().size();
    }
    EnqueueStore.insertTargets(
        handle,
        cell,
        new EnqueueStore.TargetRows(
            seqs, participants, ranges.froms, ranges.tos, rejected, ranges.servers));
  }

  /** The executions of one command. */
  private record Row(long seq, short track, int[] servers) {}

  private static void insertQueue(Handle handle, short cell, List<Row> commands) {
    long[] places = byServer(commands);
    int n = places.length;
    long[] seqs = new long[n];
    int[] servers = new int[n];
    short[] tracks = new short[n];
    for (int i = 0; i < n; i++) {
      Row command = commands.get((int) places[i]);
      seqs[i] = command.seq();
      servers[i] = (int) (places[i] >> Integer.SIZE);
      tracks[i] = command.track();
    }
    EnqueueStore.insertQueue(handle, cell, new EnqueueStore.QueueRows(seqs, servers, tracks));
  }

  /** Each execution's server in the upper half, the number of its command in the lower, sorted. */
  private static long[] byServer(List<Row> commands) {
    long[] places = new long[commands.stream().mapToInt(command -> command.servers().length).sum()];
    int at = 0;
    for (int i = 0; i < commands.size(); i++) {
      for (int server : commands.get(i).servers()) {
        places[at++] = (long) server << Integer.SIZE | i;
      }
    }
    Arrays.sort(places);
    return places;
  }

  /** Lists of servers laid end to end. */
  private static final class Ranges {
    private final int[] froms;
    private final int[] tos;
    private final int[] servers;

    Ranges(List<int[]> lists) {
      froms = new int[lists.size()];
      tos = new int[lists.size()];
      servers = new int[lists.stream().mapToInt(list -> list.length).sum()];
      int at = 0;
      for (int i = 0; i < lists.size(); i++) {
        int[] list = lists.get(i);
        System.arraycopy(list, 0, servers, at, list.length);
        froms[i] = at + 1;
        at += list.length;
        tos[i] = at;
      }
    }
  }
}
