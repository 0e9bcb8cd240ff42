// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/**
 * Decides which rows of one server are leased now. Pure: the same rows give the same picks.
 *
 * <p>Order: within a lane and an ordering key, by acceptance; a key of which any execution is under
 * a live lease, or whose front waits for a retry or is held, gives nothing. Share: of each ten
 * executions one comes from the next lower lane that has work (and of each hundred one from the one
 * below that). Fairness: within a lane, origins take turns, and who has little waiting is not made
 * to wait for a full answer.
 */
final class Picker {
  /** How much an answer may hold, in bytes of payload; one execution is always allowed. */
  static final int MOST_BYTES = 1 << 20;

  /** The part of an answer, at least, that goes to those of whom more waits than it may hold. */
  private static final int LONG_LINES_PART = 8;

  /** Below all of them. */
  private static final int NO_LANE = Track.LANES;

  /** Why a row can never be leased again, and how it ends for it. */
  enum Over {
    CANCELLED(EndState.CANCELLED, "cancelled"),
    EXPIRED(EndState.EXPIRED, "deadline"),
    NO_RESULT(EndState.FAILED, "no-result");

    private final EndState state;
    private final String code;

    Over(EndState state, String code) {
      this.state = state;
      this.code = code;
    }

    EndState state() {
      return state;
    }

    String code() {
      return code;
    }
  }

  /**
   * @param want how many
   * @param handed how many this server was handed before, for the lanes' share and the origins'
   *     turn
   * @param cut the tracks that hold more rows than were read
   */
  record Want(int want, int handed, Set<Short> cut) {}

  /** A row to lease, with the length that all of its key get in this answer. */
  record Pick(Candidate row, QueuedCommand command, int group, boolean guard, int leaseSeconds) {}

  /** A row to end. */
  record Ended(Candidate row, Over reason) {}

  /**
   * @param picks in the order of the answer; guards (locked, not leased) first in their group
   * @param over to be ended in the same transaction
   * @param cancelled live leases whose command was cancelled
   * @param dueIn seconds until something seen here becomes due; infinite: nothing
   * @param lapsed how many picks had a lease that ran out
   * @param blind whether rows that were not read might have been picked, too or instead
   * @param spared whether it was not filled up from a long line, for who has little waiting
   */
  record Picks(
      List<Pick> picks,
      List<Ended> over,
      List<Candidate> cancelled,
      double dueIn,
      int lapsed,
      boolean blind,
      boolean spared) {}

  /** The rows of one origin in one lane that may be leased, in order. */
  private record Turn(short track, Deque<Candidate> rows) {}

  /** What a lease of an ordering key shares: its number, its length, the tracks it takes from. */
  private static final class Group {
    private final int number;
    private final Set<Short> tracks = new HashSet<>();
    private int leaseSeconds;

    Group(int number) {
      this.number = number;
    }
  }

  private record KeyInTrack(short track, long key) {}

  private final LongFunction<QueuedCommand> commands;
  private final double now;
  private final LongPredicate held;
  private final List<Ended> over = new ArrayList<>();
  private final List<Candidate> cancelled = new ArrayList<>();
  private final Set<Long> heldKeys = new HashSet<>();
  private final Set<KeyInTrack> waitingKeys = new HashSet<>();

  /** For each ordering key the first row of each track that may be leased. */
  private final Map<Long, List<Candidate>> fronts = new HashMap<>();

  private final List<List<Turn>> lanes = new ArrayList<>();
  private double dueIn = Double.POSITIVE_INFINITY;

  private Picker(LongFunction<QueuedCommand> commands, double now, LongPredicate held) {
    this.commands = commands;
    this.now = now;
    this.held = held;
    for (int lane = 0; lane < Track.LANES; lane++) {
      lanes.add(new ArrayList<>());
    }
  }

  /**
   * @param rows of one server, by track and seq
   * @param commands what is known of each row's command
   * @param now seconds since 1970, by the database's clock
   */
  static Picks pick(
      List<Candidate> rows, LongFunction<QueuedCommand> commands, double now, Want want) {
    return pick(rows, commands, now, want, seq -> false);
  }

  /**
   * As above, but for what is held.
   *
   * @param held the commands that are not to be handed out here now; they keep their places
   */
  static Picks pick(
      List<Candidate> rows,
      LongFunction<QueuedCommand> commands,
      double now,
      Want want,
      LongPredicate held) {
    var picker = new Picker(commands, now, held);
    for (Candidate row : rows) {
      if (row.isLive()) {
        picker.noteLive(row);
      }
    }
    for (Candidate row : rows) {
      if (!row.isLive()) {
        picker.notePending(row, commands.apply(row.seq()));
      }
    }
    return picker.choose(rows, want);
  }

  private void noteLive(Candidate row) {
    heldKeys.add(commands.apply(row.seq()).orderingHash());
    dueIn = Math.min(dueIn, row.visibleIn());
    if (row.cancelled()) {
      cancelled.add(row);
    }
  }

  private void notePending(Candidate row, QueuedCommand command) {
    long key = command.orderingHash();
    if (row.cancelled()) {
      over.add(new Ended(row, Over.CANCELLED));
    } else if (row.isLapsed() && row.attempt() >= command.maxAttempts()) {
      over.add(new Ended(row, Over.NO_RESULT));
    } else if (command.deadline() <= now) {
      over.add(new Ended(row, Over.EXPIRED));
    } else if (!row.isDue()) {
      dueIn = Math.min(dueIn, row.visibleIn());
      noteWaiting(row, key);
    } else if (held.test(row.seq())) {
      noteWaiting(row, key);
    } else if (key == 0) {
      offer(row);
    } else if (!waitingKeys.contains(new KeyInTrack(row.track(), key)) && !heldKeys.contains(key)) {
      noteFront(row, key);
      offer(row);
    }
  }

  private void noteWaiting(Candidate row, long key) {
    if (key != 0) {
      waitingKeys.add(new KeyInTrack(row.track(), key));
    }
  }

  private void noteFront(Candidate row, long key) {
    List<Candidate> known = fronts.computeIfAbsent(key, k -> new ArrayList<>(1));
    if (known.isEmpty() || known.getLast().track() != row.track()) {
      known.add(row);
    }
  }

  private void offer(Candidate row) {
    List<Turn> turns = lanes.get(Track.lane(row.track()));
    if (turns.isEmpty() || turns.getLast().track() != row.track()) {
      turns.add(new Turn(row.track(), new ArrayDeque<>()));
    }
    turns.getLast().rows().add(row);
  }

  private Picks choose(List<Candidate> seen, Want want) {
    List<Candidate> chosen = new ArrayList<>();
    long bytes = 0;
    int lapsed = 0;
    boolean blind = false;
    int most = most(want);
    for (int slot = want.handed() + 1; chosen.size() < most; slot++) {
      int found = laneFor(slot);
      blind |= isBlind(want.cut(), found);
      if (found == NO_LANE) {
        break;
      }
      List<Turn> lane = lanes.get(found);
      int turn = Math.floorMod(slot, lane.size());
      Deque<Candidate> rows = lane.get(turn).rows();
      Candidate row = rows.getFirst();
      bytes += commands.apply(row.seq()).payloadBytes();
      if (bytes > MOST_BYTES && !chosen.isEmpty()) {
        break;
      }
      chosen.add(rows.removeFirst());
      lapsed += row.isLapsed() ? 1 : 0;
      if (rows.isEmpty()) {
        lane.remove(turn);
      }
    }
    blind |= mayHideLease(seen, want.cut(), chosen);
    return new Picks(grouped(chosen), over, cancelled, dueIn, lapsed, blind, most < want.want());
  }

  /**
   * How many are picked. An answer that takes all that an origin has in the highest lane, and could
   * be filled up from another's long line, is not: it comes back the sooner, and who has little
   * waits little. The long line goes on with the next poll.
   */
  private int most(Want want) {
    List<Turn> highest =
        lanes.stream().filter(lane -> !lane.isEmpty()).findFirst().orElse(List.of());
    int few = 0;
    for (Turn turn : highest) {
      int rows = turn.rows().size();
      few += rows <= want.want() / highest.size() && !want.cut().contains(turn.track()) ? rows : 0;
    }
    int all = lanes.stream().flatMap(List::stream).mapToInt(turn -> turn.rows().size()).sum();
    if (few == 0 || all <= want.want()) {
      return want.want();
    }
    return Math.min(want.want(), Math.max(2 * few, want.want() / LONG_LINES_PART));
  }

  /** Whether a track that comes before the rest of this lane, or stands in it, has run dry. */
  private boolean isBlind(Set<Short> cut, int lane) {
    for (short track : cut) {
      int own = Track.lane(track);
      if (own <= lane && lanes.get(own).stream().noneMatch(turn -> turn.track() == track)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether behind what was read a key that was chosen may be under a live lease. Of one track a
   * key is handed out in its order: behind a row that never was, none is.
   */
  private boolean mayHideLease(List<Candidate> seen, Set<Short> cut, List<Candidate> chosen) {
    if (cut.isEmpty()) {
      return false;
    }
    Set<KeyInTrack> ends = new HashSet<>();
    for (Candidate row : seen) {
      if (row.leaseNo() == 0) {
        ends.add(new KeyInTrack(row.track(), commands.apply(row.seq()).orderingHash()));
      }
    }
    for (Candidate row : chosen) {
      long key = commands.apply(row.seq()).orderingHash();
      for (short track : cut) {
        if (key != 0
            && Track.origin(track) == Track.origin(row.track())
            && !ends.contains(new KeyInTrack(track, key))) {
          return true;
        }
      }
    }
    return false;
  }

  private int laneFor(int slot) {
    int down = slot % 100 == 0 ? 2 : slot % 10 == 0 ? 1 : 0;
    int found = NO_LANE;
    for (int lane = 0; lane < Track.LANES; lane++) {
      if (!lanes.get(lane).isEmpty()) {
        found = lane;
        if (down-- == 0) {
          break;
        }
      }
    }
    return found;
  }

  private List<Pick> grouped(List<Candidate> chosen) {
    Map<Long, Group> groups = new HashMap<>();
    for (Candidate row : chosen) {
      QueuedCommand command = commands.apply(row.seq());
      Group group = groups.computeIfAbsent(key(command), key -> new Group(groups.size()));
      group.leaseSeconds = Math.max(group.leaseSeconds, command.leaseSeconds());
      group.tracks.add(row.track());
    }
    List<Pick> picks = new ArrayList<>(chosen.size());
    groups.forEach((key, group) -> addGuards(picks, fronts.getOrDefault(key, List.of()), group));
    for (Candidate row : chosen) {
      QueuedCommand command = commands.apply(row.seq());
      Group group = Objects.requireNonNull(groups.get(key(command)));
      picks.add(new Pick(row, command, group.number, false, group.leaseSeconds));
    }
    return picks;
  }

  /** A key that lies in two lanes is taken only if its front in the other one can be locked too. */
  private void addGuards(List<Pick> picks, List<Candidate> fronts, Group group) {
    for (Candidate front : fronts) {
      if (!group.tracks.contains(front.track())) {
        picks.add(new Pick(front, commands.apply(front.seq()), group.number, true, 0));
      }
    }
  }

  /** Without an ordering key each execution is a group of its own; a hash is never negative. */
  private static long key(QueuedCommand command) {
    return command.orderingHash() == 0 ? -command.seq() : command.orderingHash();
  }
}
