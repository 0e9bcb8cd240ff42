// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.fleet.EdgeIdentity;
import dev.rollcall.load.http.Target;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.process.Operator;
import dev.rollcall.load.process.ServerOptions;
import dev.rollcall.load.process.ServerProcess;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A queue server with groups of participants in its registry. Confined to one thread. */
public final class Bed implements AutoCloseable {
  private final ServerProcess server;
  private final Operator operator;
  private final Database database;
  private final Map<Group, List<EdgeIdentity>> edges = new HashMap<>();
  private @Nullable Connection looking;

  private Bed(ServerProcess server) {
    this.server = server;
    this.operator = new Operator(server.target(), server.adminToken());
    this.database = server.database();
  }

  /** Starts a server and registers the groups. */
  public static Bed open(ServerOptions options, List<Group> groups) throws IOException {
    var bed = new Bed(ServerProcess.start(options));
    boolean ready = false;
    try {
      bed.operator.register(groups);
      ready = true;
      return bed;
    } finally {
      if (!ready) {
        bed.close();
      }
    }
  }

  /** The servers of a group, with tokens; made when first asked for. */
  public List<EdgeIdentity> edges(Group group) {
    return edges.computeIfAbsent(group, operator::enrol);
  }

  public Target target() {
    return server.target();
  }

  public String adminToken() {
    return server.adminToken();
  }

  public Operator operator() {
    return operator;
  }

  public Database database() {
    return database;
  }

  /** The one number that a query gives, over a connection that is kept: to be asked often. */
  long look(String query) {
    try {
      if (looking == null) {
        looking = database.connect();
      }
      try (Statement statement = looking.createStatement();
          ResultSet rows = statement.executeQuery(query)) {
        rows.next();
        return rows.getLong(1);
      }
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  public Probe probe() {
    return server.probe();
  }

  @Override
  public void close() throws IOException {
    try (server;
        operator) {
      if (looking != null) {
        looking.close();
      }
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }
}
