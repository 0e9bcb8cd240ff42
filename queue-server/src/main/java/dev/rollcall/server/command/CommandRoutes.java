// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.db.DatabaseErrors;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Commands over HTTP: submitted, looked at, cancelled, retried. */
public final class CommandRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(CommandRoutes.class);
  private static final String REPLAYED = "Idempotent-Replayed";

  private final Commands commands;
  private final CommandLists lists;

  public CommandRoutes(Commands commands) {
    this.commands = commands;
    this.lists = new CommandLists(commands);
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/commands", Access.COMMANDERS, this::submit),
        Route.get("/v1/commands", Access.READERS, lists::commands),
        Route.get("/v1/commands/{id}", Access.READERS, this::get),
        Route.get("/v1/commands/{id}/executions", Access.READERS, lists::executions),
        Route.post("/v1/commands/{id}/cancel", Access.COMMANDERS, this::cancel),
        Route.post("/v1/commands/{id}/retry", Access.COMMANDERS, this::retry));
  }

  private void submit(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("dryRun"));
    boolean dryRun = Bodies.queryFlag(ctx, "dryRun");
    Caller caller = Caller.of(ctx);
    JsonNode body = Bodies.json(ctx);
    NewCommand.Idempotency key = IdempotencyKeys.read(ctx, caller, "submit", body);
    CommandRequest request =
        CommandRequest.read(
            body,
            commands.operations(),
            commands.clock().instant(),
            (target, selectors, problems) ->
                new TargetNames(commands.registry().current(), caller, problems)
                    .check(target, selectors));
    if (dryRun) {
      Resolved resolved = commands.dryRun(caller, request);
      Bodies.send(
          ctx,
          200,
          DryRun.of(commands.registry().current(), caller, request.operation(), resolved));
      return;
    }
    Commands.Accepted accepted = commands.submit(caller, request, key);
    answer(
        ctx,
        caller,
        accepted,
        () ->
            ProvisionalView.submitted(
                commands.registry().current(),
                caller,
                request,
                accepted.id(),
                commands.clock().instant()));
  }

  private void answer(
      Context ctx, Caller caller, Commands.Accepted accepted, Supplier<CommandView> otherwise) {
    ctx.header("Location", "/v1/commands/" + accepted.id());
    if (accepted.replayed()) {
      ctx.header(REPLAYED, "true");
    }
    done(
        ctx,
        accepted.id(),
        accepted.replayed()
            ? () -> commands.reads().read(caller, accepted.id())
            : () -> commands.reads().readNew(caller, accepted.id()),
        otherwise);
  }

  /**
   * What was done is answered as done, also when the database cannot be read by then: 503 would ask
   * for it once more. Without a tag then, since the version is not known.
   */
  private void done(
      Context ctx, UUID id, Supplier<CommandReads.Seen> read, Supplier<CommandView> otherwise) {
    CommandView view;
    try {
      view = commands.reads().view(read.get());
      tag(ctx, view);
    } catch (RuntimeException e) {
      if (!DatabaseErrors.isUnavailable(e)) {
        throw e;
      }
      LOG.warn("command {} cannot be read for its answer: {}", id, e.getMessage());
      view = otherwise.get();
    }
    Bodies.send(ctx, 202, view);
  }

  private static void tag(Context ctx, CommandView view) {
    ctx.header("ETag", "\"" + view.version() + "\"");
  }

  private void get(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("waitSeconds", "sinceVersion"));
    int waitSeconds = Bodies.queryInt(ctx, "waitSeconds", 0, 0, 60);
    int since = Bodies.queryInt(ctx, "sinceVersion", -1, -1, Integer.MAX_VALUE);
    Caller caller = Caller.of(ctx);
    UUID id = id(ctx);
    CommandView view = look(caller, id, Duration.ofSeconds(waitSeconds), since);
    tag(ctx, view);
    if (since < 0 && isKnown(ctx.header("If-None-Match"), view.version())) {
      ctx.status(304);
      return;
    }
    Bodies.send(ctx, 200, view);
  }

  /** By weak comparison, as RFC 9110 section 13.1.2 has it. */
  private static boolean isKnown(@Nullable String header, long version) {
    for (String tag : header == null ? new String[0] : header.split(",", -1)) {
      String plain = tag.strip();
      plain = plain.startsWith("W/") ? plain.substring(2) : plain;
      if (plain.equals("*") || plain.equals("\"" + version + "\"")) {
        return true;
      }
    }
    return false;
  }

  private CommandView look(Caller caller, UUID id, Duration wait, int since) {
    CommandReads reads = commands.reads();
    CommandView view = reads.view(reads.read(caller, id));
    if (wait.isZero() || since < 0) {
      return view;
    }
    long end = System.nanoTime() + wait.toNanos();
    try (Watches.Watch watch = commands.watches().watch(id, caller.tokenId())) {
      do {
        view = reads.view(reads.read(caller, id));
      } while (view.version() <= since
          && view.completedAt() == null
          && watch.await(Duration.ofNanos(end - System.nanoTime())));
      if (watch.isEnded()) {
        throw ApiException.unauthenticated("The token has expired or was revoked.");
      }
    }
    return view;
  }

  private void cancel(Context ctx) {
    Bodies.nothing(ctx);
    Caller caller = Caller.of(ctx);
    CommandReads.Seen seen = owned(caller, id(ctx), "cancel");
    NewCommand.Idempotency key =
        IdempotencyKeys.read(ctx, caller, "cancel " + seen.row().id(), null);
    if (key != null && commands.rememberCancel(key, seen.row().id())) {
      ctx.header(REPLAYED, "true");
    }
    commands.cancel(caller, seen);
    UUID id = seen.row().id();
    done(
        ctx,
        id,
        () -> commands.reads().read(caller, id),
        () ->
            ProvisionalView.cancelled(
                commands.registry().current(), caller, seen, commands.clock().instant()));
  }

  private void retry(Context ctx) {
    Bodies.nothing(ctx);
    Caller caller = Caller.of(ctx);
    CommandReads.Seen seen = owned(caller, id(ctx), "retry");
    Commands.Accepted accepted =
        commands.retry(
            caller, seen, IdempotencyKeys.read(ctx, caller, "retry " + seen.row().id(), null));
    answer(
        ctx,
        caller,
        accepted,
        () ->
            ProvisionalView.retried(
                commands.registry().current(),
                caller,
                seen,
                accepted.id(),
                commands.clock().instant()));
  }

  /**
   * Whoever only executes a command, or only sees it, does not move it. A customer moves what its
   * own participant ordered: of another's command the origin, and with it what exposures allow, is
   * that other one.
   */
  private CommandReads.Seen owned(Caller caller, UUID id, String verb) {
    CommandReads.Seen seen = commands.reads().read(caller, id);
    boolean owns =
        switch (seen.visibility()) {
          case Visibility.Whole whole -> true;
          case Visibility.Counts counts ->
              Objects.equals(caller.participantId(), seen.row().originId());
          case Visibility.Share share -> false;
          case Visibility.None none -> false;
        };
    if (!owns) {
      throw ApiException.forbidden("Only its origin may " + verb + " this command.");
    }
    return seen;
  }

  static UUID id(Context ctx) {
    return id(ctx.pathParam("id"));
  }

  static UUID id(@Nullable String text) {
    try {
      return UUID.fromString(String.valueOf(text));
    } catch (IllegalArgumentException e) {
      throw ApiException.notFound(
          "There is no command " + Problems.shown(String.valueOf(text)) + ".");
    }
  }
}
