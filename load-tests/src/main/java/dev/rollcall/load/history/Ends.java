// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import dev.rollcall.load.history.Violations.Promise;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The ends that edges were told were accepted, against those in the database: one for one. Confined
 * to one thread.
 */
final class Ends {
  private static final long MOST_CELLS = 200_000_000;
  private static final int RESULT_BITS = 3;

  private final KnownCommands commands;
  private final List<String> servers;
  private final Violations violations;

  /** For each command and server: the lease whose end was accepted, and the result; 0: none. */
  private final int[] accepted;

  /** Executions that may have ended by a result, which the edges cannot know. */
  private final Set<Integer> unsure = new HashSet<>();

  Ends(KnownCommands commands, List<String> servers, Violations violations) {
    this.commands = commands;
    this.servers = servers;
    this.violations = violations;
    long cells = (long) commands.size() * servers.size();
    if (cells > MOST_CELLS) {
      throw new IllegalStateException(cells + " executions are more than can be checked at once");
    }
    this.accepted = new int[(int) cells];
  }

  private int cell(int command, int server) {
    return command * servers.size() + server;
  }

  void note(Lease lease) {
    int cell = cell(lease.command(), lease.server());
    if (lease.sent() > 0 && lease.judgement() == Judgement.NONE) {
      unsure.add(cell);
    }
    if (lease.judgement() == Judgement.ACCEPTED && !lease.result().ends()) {
      unsure.add(cell); // it ended if that was the last attempt
    }
    // A repeated result whose first answer got lost is a duplicate: it was accepted then.
    boolean counted =
        lease.judgement() == Judgement.ACCEPTED || lease.judgement() == Judgement.DUPLICATE;
    if (!counted || !lease.result().ends()) {
      return;
    }
    if (accepted[cell] != 0) {
      violations.add(
          Promise.DOUBLED,
          name(lease.command(), lease.server()) + " was accepted under two leases");
    }
    accepted[cell] = lease.lease() << RESULT_BITS | lease.result().number();
  }

  void check(DatabaseRules database, long[] seqs) throws SQLException {
    Map<Long, Integer> bySeq = new HashMap<>();
    commands.all().forEach(command -> bySeq.put(command.seq(), command.number()));
    Map<Integer, Integer> byId = serversById(database);
    database.readResults(
        seqs,
        row -> {
          Integer command = bySeq.get(row.seq());
          Integer server = byId.get(row.serverId());
          if (command != null && server != null) {
            compare(command, server, row);
          }
        });
    for (int cell = 0; cell < accepted.length; cell++) {
      if (accepted[cell] != 0) {
        violations.add(
            Promise.LOST,
            name(cell / servers.size(), cell % servers.size()) + " was accepted and has no result");
      }
    }
  }

  private Map<Integer, Integer> serversById(DatabaseRules database) throws SQLException {
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < servers.size(); i++) {
      numbers.put(servers.get(i), i);
    }
    Map<Integer, Integer> byId = new HashMap<>();
    database.readServers((name, id) -> {
      Integer number = numbers.get(name);
      if (number != null) {
        byId.put(id, number);
      }
    });
    return byId;
  }

  private void compare(int command, int server, DatabaseRules.ResultRow row) {
    int cell = cell(command, server);
    int told = accepted[cell];
    accepted[cell] = 0;
    if (!row.reported()) {
      if (told != 0) {
        violations.add(
            Promise.MISCOUNTED, name(command, server) + " was accepted, but ended by the server");
      }
      return;
    }
    if (told == 0) {
      if (!unsure.contains(cell)) {
        violations.add(
            Promise.MISCOUNTED,
            name(command, server) + " counts a result that no edge had accepted");
      }
      return;
    }
    Result result = Result.of(told & (1 << RESULT_BITS) - 1);
    if (told >>> RESULT_BITS != row.leaseNo() || !result.wire().equals(row.state())) {
      violations.add(
          Promise.MISCOUNTED,
          name(command, server)
              + ": accepted was "
              + result
              + " under lease "
              + (told >>> RESULT_BITS)
              + ", counted "
              + row.state()
              + " under lease "
              + row.leaseNo());
    }
  }

  private String name(int command, int server) {
    CommandFacts facts = commands.find(command);
    return servers.get(server) + ", command " + (facts == null ? "number " + command : facts.id());
  }
}
