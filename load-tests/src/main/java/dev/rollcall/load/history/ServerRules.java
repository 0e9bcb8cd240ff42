// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import dev.rollcall.load.history.Violations.Promise;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges what one server was handed, from its edges' view alone. Only what is certain counts: a
 * lease was surely live from the time its answer was in until its result left or it could have
 * lapsed. Confined to one thread.
 */
final class ServerRules {
  private final String server;
  private final KnownCommands commands;
  private final boolean connectionsLost;
  private final Violations violations;
  private final Map<Integer, Lease> current = new HashMap<>();
  private final Map<LaneKey, CommandFacts> lastFirst = new HashMap<>();
  private final Map<Long, Run> holding = new HashMap<>();

  private record LaneKey(int lane, long key) {}

  /**
   * The leases of one key that came with one answer.
   *
   * @param leasedAt when that answer was in
   * @param longest of all leases of the key so far, the one that is surely live for longest
   */
  private record Run(long leasedAt, Lease longest) {}

  /**
   * @param connectionsLost whether answers may have got lost on the way
   */
  ServerRules(
      String server, KnownCommands commands, boolean connectionsLost, Violations violations) {
    this.server = server;
    this.commands = commands;
    this.connectionsLost = connectionsLost;
    this.violations = violations;
  }

  /**
   * @param leases of this server, in any order but those of one answer in the answer's order
   */
  void check(List<Lease> leases) {
    for (Lease lease : leases.stream().sorted(Comparator.comparingLong(Lease::leasedAt)).toList()) {
      CommandFacts command = commands.find(lease.command());
      if (command == null) {
        violations.add(Promise.LOST, at(lease) + " was handed out, but there is no such command");
        continue;
      }
      checkExecution(lease);
      checkVerdict(lease);
      if (command.key() != 0) {
        checkOrder(lease, command);
        checkKey(lease, command);
      }
      current.merge(lease.command(), lease, (a, b) -> a.lease() > b.lease() ? a : b);
    }
    leases.forEach(this::checkStale);
  }

  private void checkExecution(Lease lease) {
    Lease before = current.get(lease.command());
    if (before == null) {
      return;
    }
    if (before.endedTheExecution()) {
      violations.add(
          Promise.DOUBLED,
          at(lease) + " was handed out although lease " + before.lease() + " ended it");
    }
    if (lease.lease() <= before.lease()) {
      violations.add(Promise.FENCING, at(lease) + " came after lease " + before.lease());
    } else if (lease.leasedAt() < before.liveUntil()) {
      violations.add(
          Promise.FENCING, at(lease) + " was given while lease " + before.lease() + " was live");
    }
    if (before.judgement() == Judgement.ACCEPTED && lease.leasedAt() < before.reportedAt()) {
      violations.add(
          Promise.FENCING,
          at(before) + " was accepted although lease " + lease.lease() + " had been given");
    }
  }

  private void checkOrder(Lease lease, CommandFacts command) {
    if (current.containsKey(lease.command())) {
      return; // handed out before
    }
    CommandFacts before = lastFirst.put(new LaneKey(command.lane(), command.key()), command);
    if (before != null && before.seq() > command.seq()) {
      violations.add(
          Promise.OUT_OF_ORDER, at(lease) + " was handed out after the younger " + before.id());
    }
  }

  private void checkKey(Lease lease, CommandFacts command) {
    Run run = holding.get(command.key());
    if (run != null
        && run.leasedAt() != lease.leasedAt()
        && lease.leasedAt() < run.longest().liveUntil()) {
      violations.add(
          Promise.KEY_SHARED,
          at(lease) + " was given while the key was held by " + at(run.longest()));
    }
    Lease longest =
        run != null && run.longest().liveUntil() > lease.liveUntil() ? run.longest() : lease;
    holding.put(command.key(), new Run(lease.leasedAt(), longest));
  }

  private void checkVerdict(Lease lease) {
    if (lease.sent() == 0) {
      if (!connectionsLost) {
        violations.add(Promise.NOT_ANSWERED, at(lease) + " was never reported by its edge");
      }
      return;
    }
    boolean wrong =
        switch (lease.judgement()) {
          case ACCEPTED -> false;
          case NONE -> !connectionsLost;
          case DUPLICATE -> lease.sent() == 1;
          case STALE -> false; // judged when all leases of the execution are known
          case UNKNOWN, INVALID -> true;
        };
    if (wrong) {
      violations.add(
          Promise.NOT_ANSWERED,
          at(lease) + " was reported " + lease.sent() + " times and judged " + lease.judgement());
    }
  }

  /**
   * A result is stale only if a later lease was given, of which the answer may have got lost, or if
   * the lease may have lapsed before the verdict.
   */
  private void checkStale(Lease lease) {
    Lease last = current.get(lease.command());
    if (lease.judgement() == Judgement.STALE
        && !connectionsLost
        && lease.verdictAt() < lease.lapsesAt()
        && last != null
        && last.lease() <= lease.lease()) {
      violations.add(Promise.FENCING, at(lease) + " was called stale, but is the current lease");
    }
  }

  private String at(Lease lease) {
    CommandFacts command = commands.find(lease.command());
    return server
        + ", command "
        + (command == null ? "number " + lease.command() : command.id())
        + ", lease "
        + lease.lease();
  }
}
