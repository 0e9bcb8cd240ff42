// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

import dev.rollcall.load.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The floor: one durable lease for each row, results, rollup; no order, no verdicts, no lapses, no
 * fencing beyond a token for each batch. One lane owns a participant, so its counters need no
 * order.
 */
final class FloorDesign implements Design {
  static final String PARAMETERS = "{\"urls\":[\"https://www.acme.example/assets/app.js\"]}";

  private final Database database;
  private final Shape shape;
  private final Connection submitting;
  private long seq;

  private FloorDesign(Database database, Shape shape, Connection submitting) {
    this.database = database;
    this.shape = shape;
    this.submitting = submitting;
  }

  static FloorDesign create(Database database, Shape shape) throws SQLException {
    database.execute(FloorSql.TABLES);
    Connection connection = database.connect();
    try (PreparedStatement server =
            connection.prepareStatement("insert into server values (?, ?)");
        var participants = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int id = 1; id <= shape.servers(); id++) {
        server.setInt(1, id);
        server.setShort(2, shape.participantOf(id));
        server.addBatch();
      }
      server.executeBatch();
      participants.execute(
          "insert into participant select participant_id, count(*) from server group by 1");
      connection.commit();
    }
    return new FloorDesign(database, shape, connection);
  }

  @Override
  public void submit() throws SQLException {
    seq++;
    try (PreparedStatement command = submitting.prepareStatement(FloorSql.COMMAND);
        PreparedStatement rollup = submitting.prepareStatement(FloorSql.ROLLUP);
        PreparedStatement queue = submitting.prepareStatement(FloorSql.FAN_OUT)) {
      command.setLong(1, seq);
      command.setString(2, PARAMETERS);
      command.executeUpdate();
      rollup.setLong(1, seq);
      rollup.executeUpdate();
      queue.setLong(1, seq);
      queue.executeUpdate();
      submitting.commit();
    }
  }

  @Override
  public Lane lane(int number) throws SQLException {
    return new FloorLane(database.connectPinned(), shape.groups(number), shape);
  }

  @Override
  public void verify(long executions) {
    long wrong = database.number(FloorSql.WRONG);
    long ended = database.number("select count(*) from result");
    if (wrong != 0 || ended != executions) {
      throw new IllegalStateException(
          "floor: " + wrong + " wrong; " + ended + " of " + executions + " ended");
    }
  }

  @Override
  public void close() {
    try {
      submitting.close();
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  private static final class FloorLane implements Lane {
    private final Connection connection;
    private final List<int[]> groups;
    private final PreparedStatement lease;
    private final PreparedStatement settle;
    private final int[] servers;
    private final long[] seqs;
    private final short[] codes;

    FloorLane(Connection connection, List<int[]> groups, Shape shape) throws SQLException {
      this.connection = connection;
      this.groups = groups;
      this.lease = connection.prepareStatement(FloorSql.LEASE.formatted(shape.perServer()));
      this.settle = connection.prepareStatement(FloorSql.SETTLE);
      this.servers = new int[shape.group() * shape.perServer()];
      this.seqs = new long[servers.length];
      this.codes = new short[servers.length];
    }

    @Override
    public int groups() {
      return groups.size();
    }

    @Override
    public int turn(int group) throws SQLException {
      long token = ThreadLocalRandom.current().nextLong();
      int leased = lease(groups.get(group), token);
      return leased == 0 ? 0 : settle(leased, token);
    }

    private int lease(int[] group, long token) throws SQLException {
      lease.setObject(1, group);
      lease.setLong(2, token);
      int n = 0;
      try (ResultSet rows = lease.executeQuery()) {
        while (rows.next()) {
          servers[n] = rows.getInt(1);
          seqs[n] = rows.getLong(2);
          codes[n] = (short) ((servers[n] + seqs[n]) % Shape.FAILURE_EVERY == 0 ? 1 : 0);
          n++;
        }
      }
      return n;
    }

    private int settle(int n, long token) throws SQLException {
      settle.setObject(1, Arrays.copyOf(servers, n));
      settle.setObject(2, Arrays.copyOf(seqs, n));
      settle.setObject(3, Arrays.copyOf(codes, n));
      settle.setLong(4, token);
      try (ResultSet rows = settle.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }
}
