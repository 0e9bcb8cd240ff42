// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.AuditRoutes;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.CallerRates;
import dev.rollcall.server.auth.ChangeAudit;
import dev.rollcall.server.auth.Refusals;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.auth.TokenRoutes;
import dev.rollcall.server.auth.Tokens;
import dev.rollcall.server.batch.Batcher;
import dev.rollcall.server.command.CommandRoutes;
import dev.rollcall.server.command.Commands;
import dev.rollcall.server.command.ForcedEndRoutes;
import dev.rollcall.server.command.HoldRoutes;
import dev.rollcall.server.command.Holds;
import dev.rollcall.server.command.Payloads;
import dev.rollcall.server.config.ListenCheck;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.DatabaseErrors;
import dev.rollcall.server.db.Schema;
import dev.rollcall.server.db.embedded.DataDirectory;
import dev.rollcall.server.db.embedded.EmbeddedPostgres;
import dev.rollcall.server.edge.Desks;
import dev.rollcall.server.edge.EdgeRoutes;
import dev.rollcall.server.edge.Presence;
import dev.rollcall.server.edge.ServerRoutes;
import dev.rollcall.server.enrolment.EnrolmentRoutes;
import dev.rollcall.server.enrolment.Enrolments;
import dev.rollcall.server.enrolment.JoinTokenRoutes;
import dev.rollcall.server.lifecycle.AlreadyTold;
import dev.rollcall.server.lifecycle.StopStack;
import dev.rollcall.server.node.Nodes;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.EdgeQueue;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.Floors;
import dev.rollcall.server.queue.HoldBoard;
import dev.rollcall.server.queue.LapseTimer;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.Resyncs;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.RegistryRoutes;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.registry.ResourceRoutes;
import dev.rollcall.server.report.ReportRoutes;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.upkeep.DatabaseGauges;
import dev.rollcall.server.upkeep.Retention;
import dev.rollcall.server.upkeep.Upkeep;
import dev.rollcall.server.verification.OperationRoutes;
import dev.rollcall.server.verification.Operations;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.HttpServer;
import dev.rollcall.server.web.Route;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue server: everything put together. Started in the order in which {@link #start} reads,
 * stopped in reverse, but for what {@link #close} does first. Confined to the thread that starts
 * and the one that stops.
 */
final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** Whoever told it to stop waits for ten seconds. */
  private static final Duration STOP = Duration.ofSeconds(8);

  private final ServerConfig config;
  private final InstantSource clock = InstantSource.system();
  private final StopStack parts = new StopStack();
  private final List<Route> routes = new ArrayList<>();
  private @Nullable HttpServer http;
  private @Nullable Runnable stopWaiting;

  private Server(ServerConfig config) {
    this.config = config;
  }

  /** Starts everything, or leaves nothing behind. */
  static Server start(ServerConfig config) {
    var server = new Server(config);
    try {
      server.start();
      return server;
    } catch (RuntimeException | Error e) {
      server.parts.close();
      throw e;
    }
  }

  URI baseUri() {
    if (http == null) {
      throw new IllegalStateException("not started");
    }
    return http.baseUri();
  }

  /** All that it answers. */
  List<Route> routes() {
    return List.copyOf(routes);
  }

  private void start() {
    ListenCheck.tryOut(config.listen());
    DataDirectory data = parts.push("data directory", DataDirectory.open(config.database().data()));
    DatabaseAddress address = database(data);
    Metrics metrics = parts.push("metrics", new Metrics());
    Pools pools = parts.push("pools", Pools.open(address, config.database().connections()));
    RegistryService registry =
        parts.push("registry", new RegistryService(pools.submit(), pools.read()));
    Tokens tokens =
        parts.push(
            "tokens",
            new Tokens(pools.submit(), pools.read(), clock, config.adminToken(), metrics));
    registry.recordIn(new ChangeAudit());
    Operations operations = new Operations(registry);

    Desks desks = new Desks(metrics);
    Resyncs resyncs = parts.push("resyncs", new Resyncs(pools.read(), pools.submit(), desks::wake));
    desks.onMissed(resyncs::suspect);
    CommandIndex index = new CommandIndex();
    Nodes nodes =
        parts.push(
            "nodes", new Nodes(pools.node(), address, new ParkedPolls(desks), index, metrics));
    QueueListener listener = nodes.everywhere();
    Completion completion =
        parts.push(
            "completion",
            new Completion(
                pools.upkeep(), metrics, id -> registry.current().participantName(id), listener));
    Ends ends = new Ends(pools.upkeep(), completion, listener);
    LapseTimer lapseTimer = parts.push("lapse timer", new LapseTimer(ends::look));
    HoldBoard holds = parts.push("holds", new HoldBoard(pools.read(), desks));
    Floors floors = parts.push("floors", new Floors(pools.node()));
    Upkeep upkeep =
        parts.push("upkeep", new Upkeep(pools.upkeep(), nodes.id().toString(), metrics));
    Retention retention =
        parts.push(
            "retention",
            new Retention(
                pools.upkeep(),
                clock,
                config.retentionDays(),
                config.auditDays(),
                upkeep::isMine,
                upkeep::nudge,
                metrics));
    EdgeQueue edgeQueue =
        parts.push(
            "edge queue",
            new EdgeQueue(
                pools.edge(), index, completion, lapseTimer, listener, holds, floors, metrics));
    Commands commands =
        parts.push(
            "commands",
            new Commands(
                new Commands.Parts(
                    pools.submit(),
                    pools.upkeep(),
                    pools.read(),
                    registry,
                    operations,
                    clock,
                    index,
                    completion,
                    ends,
                    lapseTimer,
                    listener,
                    upkeep::nudge,
                    config.limits(),
                    metrics)));
    Presence presence = parts.push("presence", new Presence(pools.submit(), registry));
    DatabaseGauges gauges = parts.push("gauges", new DatabaseGauges(pools.read(), metrics));

    routes.addAll(new ServiceRoutes(pools.read(), registry, metrics).routes());
    routes.addAll(new RegistryRoutes(registry, Access.OPERATORS).routes());
    var doors = new ResourceRoutes.Doors(Access.OPERATORS, Access.ADMINISTRATORS, Access.OVERSEERS);
    routes.addAll(new ResourceRoutes(registry, doors, Caller::reach).routes());
    routes.addAll(new TokenRoutes(tokens, registry, clock).routes());
    Enrolments enrolments = new Enrolments(pools.submit(), pools.read(), registry, tokens, clock);
    routes.addAll(new JoinTokenRoutes(enrolments, registry, clock).routes());
    routes.addAll(new EnrolmentRoutes(enrolments).routes());
    routes.addAll(new AuditRoutes(pools.read()).routes());
    routes.addAll(new OperationRoutes(operations, Access.OPERATORS).routes());
    routes.addAll(new CommandRoutes(commands).routes());
    routes.addAll(new ForcedEndRoutes(commands).routes());
    routes.addAll(
        new HoldRoutes(registry, operations, new Holds(pools.submit(), pools.read(), holds), clock)
            .routes());
    routes.addAll(new ServerRoutes(pools.read()).routes());
    routes.addAll(new ReportRoutes(pools.report()).routes());
    routes.addAll(
        new EdgeRoutes(
                registry,
                edgeQueue,
                index,
                new Payloads(pools.edge()),
                desks,
                resyncs,
                presence,
                listener,
                pools.edge(),
                metrics)
            .routes());

    tokens.onEnded(desks::revoked);
    tokens.onEnded(commands::tokenEnded);
    registry.onChange((before, now) ->
        resyncs.forget(
            before.servers().stream()
                .map(EdgeServer::id)
                .filter(id -> now.server(id) == null)
                .toList()));
    registry.onChange((before, now) -> holds.withhold(Commands.withholding(now)));
    holds.withhold(Commands.withholding(registry.current()));
    desks.onArrival(nodes::arrived);
    stopWaiting =
        () -> {
          desks.release();
          commands.releaseWaiting();
        };
    upkeep.start(commands.upkeep()::round);
    nodes.start(config.database() instanceof ServerConfig.Database.Embedded);
    completion.start();
    resyncs.start();
    holds.start();
    floors.start();
    lapseTimer.start();
    edgeQueue.start();
    commands.start();
    registry.start();
    tokens.start();
    presence.start();
    gauges.start();
    retention.start();
    firstToken(tokens, data);
    var rates = new CallerRates(config.limits(), System::nanoTime);
    HttpServer.Gatekeeper gatekeeper =
        (ctx, route) -> {
          tokens.admit(ctx, route);
          rates.count(Caller.of(ctx));
        };
    Refusals refusals = parts.push("refusals", new Refusals(pools.submit()));
    refusals.start();
    List<Route> known = routes.stream().map(Caller::known).toList();
    http = parts.push("http", new HttpServer(config, known, gatekeeper, Server::meaning, metrics));
    http.onRefused(refusals);
    http.start();
    nodes.listeningOn(http.baseUri().toString());
  }

  private DatabaseAddress database(DataDirectory data) {
    return switch (config.database()) {
      case ServerConfig.Database.Embedded embedded -> {
        EmbeddedPostgres postgres =
            parts.push("embedded PostgreSQL", EmbeddedPostgres.start(data, embedded.connections()));
        int applied = new Schema(postgres.address()).migrate();
        if (applied > 0) {
          LOG.info("{} migration(s) applied", applied);
        }
        yield postgres.address();
      }
      case ServerConfig.Database.External external -> {
        var address = new DatabaseAddress(external.url(), null, external.password());
        var schema = new Schema(address);
        if (external.migrate()) {
          LOG.info("{} migration(s) applied to {}", schema.migrate(), address);
        } else {
          schema.check();
        }
        yield address;
      }
    };
  }

  /** Without any token nobody could do anything: an operator's is made, and its file named. */
  private void firstToken(Tokens tokens, DataDirectory data) {
    if (config.adminToken() == null && !tokens.anyExist()) {
      Tokens.Made made = tokens.make(new Caller(Role.OPERATOR, null, null, null, null), null);
      Path file = data.writeSecret("admin-token", made.token());
      LOG.info("there was no token yet: an operator's was made, it is in {}", file);
    }
  }

  private static @Nullable ApiException meaning(Exception e) {
    if (e instanceof Batcher.RefusedException) {
      return ApiException.unavailable("The server is too busy, or stops.", 1);
    }
    if (DatabaseErrors.isUnavailable(e)) {
      if (!AlreadyTold.isIn(e)) {
        LOG.warn("the database did not do what was asked: {}", e.getMessage());
      }
      return ApiException.unavailable("The database cannot be used now.", 2);
    }
    return null;
  }

  /** Answers who waits, finishes what is under way, then stops part by part. */
  @Override
  public void close() {
    long end = System.nanoTime() + STOP.toNanos();
    if (stopWaiting != null) {
      stopWaiting.run();
    }
    if (http != null) {
      http.drain();
    }
    parts.close(Duration.ofNanos(end - System.nanoTime()));
  }
}
