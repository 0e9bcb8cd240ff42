// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import dev.rollcall.load.history.Violations.Promise;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The judge over a run that has ended: what clients sent and saw against what the database holds.
 */
public final class HistoryChecker {
  private final List<String> servers;
  private final CommandLog log;
  private final List<LeaseLog> leases;
  private final boolean connectionsLost;
  private final Violations violations = new Violations();

  /**
   * @param servers full names, by their number in the run
   * @param connectionsLost whether answers may have got lost on the way: then a verdict may be
   *     missing
   */
  public HistoryChecker(
      List<String> servers, CommandLog log, List<LeaseLog> leases, boolean connectionsLost) {
    this.servers = List.copyOf(servers);
    this.log = log;
    this.leases = List.copyOf(leases);
    this.connectionsLost = connectionsLost;
  }

  /**
   * @param connection to the database, as a user who may read it all
   */
  public Violations check(Connection connection) throws SQLException {
    var database = new DatabaseRules(connection);
    KnownCommands commands = commands(database);
    long[] seqs = commands.all().stream().mapToLong(CommandFacts::seq).toArray();
    checkAccepted(commands);
    checkAcceptance(commands);
    database.check(seqs, violations);
    var ends = new Ends(commands, servers, violations);
    List<List<Lease>> byServer = byServer();
    for (int server = 0; server < servers.size(); server++) {
      List<Lease> own = byServer.get(server);
      new ServerRules(servers.get(server), commands, connectionsLost, violations).check(own);
      own.forEach(ends::note);
    }
    ends.check(database, seqs);
    return violations;
  }

  private KnownCommands commands(DatabaseRules database) throws SQLException {
    List<UUID> ids = log.ids();
    KnownCommands commands = new KnownCommands(ids.size());
    database.readCommands(
        ids.toArray(UUID[]::new),
        row -> {
          int number = log.number(row.id());
          commands.add(
              new CommandFacts(
                  number,
                  row.id(),
                  row.seq(),
                  row.lane(),
                  row.key(),
                  row.targeted(),
                  row.completed()));
        });
    return commands;
  }

  private void checkAccepted(KnownCommands commands) {
    for (CommandLog.Accepted accepted : log.accepted()) {
      CommandFacts command = commands.find(log.number(accepted.id()));
      if (command == null) {
        violations.add(Promise.LOST, "command " + accepted.id() + " was accepted and is not there");
      } else if (command.targeted() != accepted.targeted()) {
        violations.add(
            Promise.LOST,
            "command "
                + command.id()
                + " was accepted for "
                + accepted.targeted()
                + " executions and has "
                + command.targeted());
      } else if (!command.completed()) {
        violations.add(Promise.LOST, "command " + command.id() + " has not ended");
      }
    }
  }

  /** Of two commands of a key, one answered before the other was sent: it must be the first. */
  private void checkAcceptance(KnownCommands commands) {
    Map<Long, List<CommandLog.Accepted>> byKey = new HashMap<>();
    for (CommandLog.Accepted accepted : log.accepted()) {
      CommandFacts command = commands.find(log.number(accepted.id()));
      if (command != null && command.key() != 0) {
        byKey.computeIfAbsent(command.key(), key -> new ArrayList<>()).add(accepted);
      }
    }
    for (List<CommandLog.Accepted> ofKey : byKey.values()) {
      ofKey.sort(Comparator.comparingLong(a -> seq(commands, a)));
      long lastSent = Long.MIN_VALUE;
      for (CommandLog.Accepted accepted : ofKey) {
        if (accepted.answeredAt() < lastSent) {
          violations.add(
              Promise.OUT_OF_ORDER,
              "command "
                  + accepted.id()
                  + " was answered before an earlier one of its key was sent");
        }
        lastSent = Math.max(lastSent, accepted.sentAt());
      }
    }
  }

  private long seq(KnownCommands commands, CommandLog.Accepted accepted) {
    CommandFacts command = commands.find(log.number(accepted.id()));
    return command == null ? 0 : command.seq();
  }

  private List<List<Lease>> byServer() {
    List<List<Lease>> byServer = new ArrayList<>();
    servers.forEach(server -> byServer.add(new ArrayList<>()));
    for (LeaseLog part : leases) {
      for (int i = 0; i < part.size(); i++) {
        byServer.get(part.serverOf(i)).add(part.get(i));
      }
    }
    return byServer;
  }
}
