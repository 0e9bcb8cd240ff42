// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

import dev.rollcall.load.database.Counters;
import dev.rollcall.load.database.Database;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import java.sql.SQLException;
import java.util.Locale;
import java.util.function.Consumer;

/** Runs designs, each time in an empty database of one PostgreSQL. Confined to one thread. */
public final class Bench {
  private final Database server;
  private final Probe processes;
  private final Shape shape;
  private final int warmUp;
  private final int commands;
  private Consumer<Database> beforeMeasuring = database -> {};
  private Consumer<Database> afterMeasuring = database -> {};

  /**
   * @param server a database beside which others can be made
   * @param processes that are measured
   * @param warmUp commands before the clock starts
   * @param commands that are measured
   */
  public Bench(Database server, Probe processes, Shape shape, int warmUp, int commands) {
    this.server = server;
    this.processes = processes;
    this.shape = shape;
    this.warmUp = warmUp;
    this.commands = commands;
  }

  /** What is told the database just before the clock starts, and just after it stops. */
  public void around(Consumer<Database> before, Consumer<Database> after) {
    beforeMeasuring = before;
    afterMeasuring = after;
  }

  /** Which design is put under load. */
  public enum Kind {
    RAW,
    FLOOR;

    /** Its name for people and databases. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One measured run; fails unless everything ended and was counted once. */
  public Usage run(Kind kind) {
    String name = "load_" + kind.label();
    server.execute("drop database if exists " + name + " with (force)", "create database " + name);
    Database own = server.named(name);
    try (Design design = create(kind, own)) {
      Probe probe = processes.with(() -> Counters.read(own).andVacuumsOf(server));
      Drive.run(design, shape, probe, warmUp);
      server.execute("checkpoint");
      beforeMeasuring.accept(own);
      Usage usage = Drive.run(design, shape, probe, commands);
      afterMeasuring.accept(own);
      design.verify((long) (warmUp + commands) * shape.servers());
      return usage;
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    } finally {
      server.execute("drop database if exists " + name + " with (force)");
    }
  }

  private Design create(Kind kind, Database own) throws SQLException {
    return switch (kind) {
      case RAW -> ProductDesign.create(own, shape);
      case FLOOR -> FloorDesign.create(own, shape);
    };
  }
}
