// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

import dev.rollcall.load.database.Database;
import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.db.Schema;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.Enqueued;
import dev.rollcall.server.queue.Exchange;
import dev.rollcall.server.queue.FanOut;
import dev.rollcall.server.queue.Floors;
import dev.rollcall.server.queue.PlainExchange;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.ReportedResult;
import dev.rollcall.server.queue.Track;
import dev.rollcall.server.telemetry.Metrics;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The product's queue: its statements, transactions, pools and caches, called without HTTP. */
final class ProductDesign implements Design {
  private static final int NORMAL_LANE = 1;
  private static final int LEASE_SECONDS = 60;
  private static final int MAX_ATTEMPTS = 5;
  private static final int DEADLINE_SECONDS = 86_400;

  private static final String COMMAND =
      """
      insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
        ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, deadline_at, queued_at, upkeep_at)
      values (:seq, :id, :origin, 'load', 'purge', '{}', :parameters::jsonb, '{}', 'key', :key, 1, 60, 5, 300, :targeted,
        to_timestamp(:deadline), clock_timestamp(), clock_timestamp() + interval '1 day')
      """;

  private static final String WRONG =
      """
      select (select count(*) from rollcall.queue where server_id > 0)
        + (select count(*) from rollcall.rollup where succeeded + failed + rejected + expired + cancelled <> targeted)
        + abs((select coalesce(sum(succeeded + failed), 0) from rollcall.rollup)
              - (select count(*) from rollcall.execution_result))
      """;

  private final Database database;
  private final Shape shape;
  private final Metrics metrics = new Metrics();
  private final Pool edge;
  private final Pool submit;
  private final CommandIndex index = new CommandIndex();
  private final Completion completion;
  private final Floors floors;
  private final List<Enqueued.Part> parts;
  private int submitted;

  private ProductDesign(Database database, Shape shape) {
    this.database = database;
    this.shape = shape;
    var address = new DatabaseAddress(database.url(), database.user(), database.password());
    this.edge = Pool.open(address, Pool.Purpose.EDGE, shape.lanes() + 1);
    this.submit = Pool.open(address, Pool.Purpose.SUBMIT, 1);
    this.completion = new Completion(edge, metrics, String::valueOf, new Deaf());
    this.floors = new Floors(submit);
    this.parts = parts(shape);
  }

  /** Migrates the empty database. */
  static ProductDesign create(Database database, Shape shape) {
    new Schema(new DatabaseAddress(database.url(), database.user(), database.password())).migrate();
    database.execute(
        "set search_path = rollcall;"
            + "select make_result_partition(current_date + d) from generate_series(-1, 1) d");
    var design = new ProductDesign(database, shape);
    design.completion.start();
    design.floors.start();
    return design;
  }

  private static List<Enqueued.Part> parts(Shape shape) {
    List<List<Integer>> byParticipant = new ArrayList<>();
    for (int i = 0; i < shape.participants(); i++) {
      byParticipant.add(new ArrayList<>());
    }
    for (int server = 1; server <= shape.servers(); server++) {
      byParticipant.get(shape.participantOf(server) - 1).add(server);
    }
    List<Enqueued.Part> parts = new ArrayList<>();
    for (List<Integer> own : byParticipant) {
      int[] servers = own.stream().mapToInt(Integer::intValue).toArray();
      parts.add(
          new Enqueued.Part(
              (short) 0, shape.participantOf(servers[0]), servers, servers, List.of()));
    }
    return parts;
  }

  @Override
  public void submit() {
    int origin = 1 + submitted++ % shape.origins();
    long key = 1_000_003L * origin;
    QueuedCommand command =
        submit.inTransaction(handle -> {
          FanOut.lockKeys(handle, List.of(key));
          QueuedCommand placed = place(handle, origin, key);
          FanOut.enqueue(handle, List.of(new Enqueued(placed.seq(), placed.track(), parts, true)));
          return placed;
        });
    index.add(command);
  }

  private QueuedCommand place(Handle handle, int origin, long key) {
    double deadline = System.currentTimeMillis() / 1e3 + DEADLINE_SECONDS;
    var command =
        new QueuedCommand(
            FanOut.takePlaces(handle, 1),
            UUID.randomUUID(),
            Track.of(NORMAL_LANE, origin),
            key,
            LEASE_SECONDS,
            MAX_ATTEMPTS,
            deadline,
            300);
    handle
        .createUpdate(COMMAND)
        .bind("seq", command.seq())
        .bind("id", command.id())
        .bind("origin", origin)
        .bind("parameters", FloorDesign.PARAMETERS)
        .bind("key", key)
        .bind("targeted", shape.servers())
        .bind("deadline", deadline)
        .execute();
    return command;
  }

  @Override
  public Lane lane(int number) {
    return new ProductLane(
        new PlainExchange(edge, index, completion, floors), shape.groups(number), shape);
  }

  @Override
  public void verify(long executions) {
    long wrong = database.number(WRONG);
    long ended = database.number("select count(*) from rollcall.execution_result");
    if (wrong != 0 || ended != executions) {
      throw new IllegalStateException(
          "raw: " + wrong + " wrong; " + ended + " of " + executions + " ended");
    }
  }

  @Override
  public void close() {
    floors.close();
    completion.close();
    submit.close();
    edge.close();
    metrics.close();
  }

  /** Nobody is parked here. */
  private static final class Deaf implements QueueListener {
    @Override
    public void wake(Collection<Integer> serverIds) {}

    @Override
    public void cancelled(int serverId, Exchange.Held lease) {}

    @Override
    public void missed(Collection<Integer> serverIds) {}

    @Override
    public void completed(Collection<Long> seqs) {}
  }

  /** Reports with each turn what the turn before it leased, as an edge's next poll does. */
  private static final class ProductLane implements Lane {
    private final PlainExchange exchange;
    private final List<List<QueueServer>> groups = new ArrayList<>();
    private final List<List<List<ReportedResult>>> owed = new ArrayList<>();
    private final int perServer;
    private final int[] handed;

    ProductLane(PlainExchange exchange, List<int[]> groups, Shape shape) {
      this.exchange = exchange;
      this.perServer = shape.perServer();
      this.handed = new int[shape.servers() + 1];
      for (int[] ids : groups) {
        List<QueueServer> servers = new ArrayList<>();
        List<List<ReportedResult>> nothing = new ArrayList<>();
        for (int id : ids) {
          servers.add(new QueueServer(id, shape.participantOf(id), (short) 0));
          nothing.add(List.of());
        }
        this.groups.add(servers);
        this.owed.add(nothing);
      }
    }

    @Override
    public int groups() {
      return groups.size();
    }

    @Override
    public int turn(int group) throws SQLException {
      List<QueueServer> servers = groups.get(group);
      List<List<ReportedResult>> results = owed.get(group);
      List<Exchange.Request> requests = new ArrayList<>(servers.size());
      for (int i = 0; i < servers.size(); i++) {
        int id = servers.get(i).id();
        requests.add(new Exchange.Request(servers.get(i), results.get(i), perServer, handed[id]));
      }
      List<Exchange.Answer> answers = exchange.run(requests);
      int ended = 0;
      for (int i = 0; i < servers.size(); i++) {
        for (Verdict verdict : answers.get(i).verdicts()) {
          if (verdict != Verdict.ACCEPTED) {
            throw new IllegalStateException("a result was " + verdict);
          }
          ended++;
        }
        List<Exchange.Lease> leases = answers.get(i).leases();
        handed[servers.get(i).id()] += leases.size();
        results.set(i, results(servers.get(i), leases));
      }
      return ended;
    }

    private static List<ReportedResult> results(QueueServer server, List<Exchange.Lease> leases) {
      List<ReportedResult> results = new ArrayList<>(leases.size());
      for (Exchange.Lease lease : leases) {
        boolean fails = (server.id() + lease.command().seq()) % Shape.FAILURE_EVERY == 0;
        results.add(
            new ReportedResult(
                server,
                lease.command(),
                lease.leaseNo(),
                fails ? Outcome.FAILED : Outcome.SUCCEEDED,
                false,
                0.5,
                null,
                null,
                null,
                null));
      }
      return results;
    }

    @Override
    public void close() {}
  }
}
