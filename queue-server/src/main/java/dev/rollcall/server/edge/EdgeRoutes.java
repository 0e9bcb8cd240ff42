// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.protocol.edge.LeaseRenewal;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.command.Payloads;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.EdgeQueue;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.Renewal;
import dev.rollcall.server.queue.Resyncs;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.ClientConnection;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The edge protocol over HTTP. */
public final class EdgeRoutes {
  private final RegistryService registry;
  private final EdgeQueue queue;
  private final CommandIndex index;
  private final Presence presence;
  private final Pool pool;
  private final Polling polling;

  /**
   * @param listener told what results made leasable
   * @param pool on which polls may wait: nothing slow may share it
   */
  public EdgeRoutes(
      RegistryService registry,
      EdgeQueue queue,
      CommandIndex index,
      Payloads payloads,
      Desks desks,
      Resyncs resyncs,
      Presence presence,
      QueueListener listener,
      Pool pool,
      Metrics metrics) {
    this.registry = registry;
    this.queue = queue;
    this.index = index;
    this.presence = presence;
    this.pool = pool;
    this.polling = new Polling(queue, index, payloads, desks, resyncs, listener, pool, metrics);
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/edge/poll", Access.EDGES, this::poll),
        Route.post("/v1/edge/results", Access.EDGES, this::results),
        Route.post("/v1/edge/leases", Access.EDGES, this::leases));
  }

  private QueueServer server(Caller caller) {
    EdgeServer server =
        caller.serverId() == null ? null : registry.current().server(caller.serverId());
    if (server == null) {
      throw ApiException.unauthenticated("The server of this token was removed.");
    }
    return new QueueServer(server.id(), server.participantId(), server.cell());
  }

  private void poll(Context ctx) {
    Caller caller = Caller.of(ctx);
    QueueServer server = server(caller);
    PollRequest request = EdgeRequests.poll(Bodies.anyJson(ctx));
    presence.polled(server.id(), request.poller());
    Bodies.send(ctx, 200, polling.poll(caller, server, request, new ClientConnection(ctx)));
  }

  /** The answer when only results were brought. */
  record Verdicts(List<PollAnswer.VerdictItem> results) {}

  private void results(Context ctx) {
    QueueServer server = server(Caller.of(ctx));
    List<ResultItem> results = EdgeRequests.results(Bodies.anyJson(ctx));
    Bodies.send(ctx, 200, new Verdicts(polling.report(server, results)));
  }

  private void leases(Context ctx) {
    QueueServer server = server(Caller.of(ctx));
    LeaseRenewal.Request request = EdgeRequests.renewals(Bodies.anyJson(ctx));
    Map<UUID, QueuedCommand> commands = commands(request);
    List<Renewal> renewals = new ArrayList<>();
    Map<Held, Integer> renewalOf = new HashMap<>();
    for (LeaseRenewal.Item item : request.leases()) {
      Held held = held(item);
      QueuedCommand command = held == null ? null : commands.get(held.command());
      if (command != null && renewalOf.putIfAbsent(held, renewals.size()) == null) {
        renewals.add(new Renewal(server, command, (int) item.lease(), item.extendSeconds()));
      }
    }
    List<EdgeQueue.Renewed> renewed = queue.renew(server.cell(), renewals);
    List<LeaseRenewal.Entry> entries = new ArrayList<>();
    for (LeaseRenewal.Item item : request.leases()) {
      Held held = held(item);
      Integer at = held == null ? null : renewalOf.get(held);
      entries.add(entry(item, at == null ? null : renewed.get(at)));
    }
    Bodies.send(ctx, 200, new LeaseRenewal.Answer(entries));
  }

  /** A lease that is named twice is one: it is made longer once, and both are told so. */
  private record Held(UUID command, long lease) {}

  /** Null for what can be no lease of this server. */
  private static @Nullable Held held(LeaseRenewal.Item item) {
    UUID id = id(item.command());
    return id == null || item.lease() > Integer.MAX_VALUE ? null : new Held(id, item.lease());
  }

  private static LeaseRenewal.Entry entry(
      LeaseRenewal.Item item, EdgeQueue.@Nullable Renewed renewed) {
    EdgeQueue.RenewalOutcome outcome =
        renewed == null ? EdgeQueue.RenewalOutcome.STALE : renewed.outcome();
    return new LeaseRenewal.Entry(
        item.command(),
        item.lease(),
        outcome.name().toLowerCase(Locale.ROOT),
        renewed != null && outcome == EdgeQueue.RenewalOutcome.EXTENDED
            ? Long.valueOf(Math.round(renewed.leaseSeconds()))
            : null);
  }

  private Map<UUID, QueuedCommand> commands(LeaseRenewal.Request request) {
    Set<UUID> ids = new HashSet<>();
    for (LeaseRenewal.Item item : request.leases()) {
      UUID id = id(item.command());
      if (id != null) {
        ids.add(id);
      }
    }
    return index.byId(pool, ids);
  }

  private static @Nullable UUID id(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
