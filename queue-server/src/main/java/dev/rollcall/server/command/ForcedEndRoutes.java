// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The end of one execution by force, over HTTP. */
public final class ForcedEndRoutes {
  private static final int LONGEST_REASON = 1_000;

  private final Commands commands;

  public ForcedEndRoutes(Commands commands) {
    this.commands = commands;
  }

  public List<Route> routes() {
    return List.of(
        Route.post(
            "/v1/commands/{id}/executions/{participant}/{server}/end",
            Access.OPERATORS,
            this::end));
  }

  private void end(Context ctx) {
    Caller caller = Caller.of(ctx);
    String reason = reason(Bodies.json(ctx));
    CommandReads.Seen seen = commands.reads().read(caller, CommandRoutes.id(ctx));
    String name = ctx.pathParam("participant") + "/" + ctx.pathParam("server");
    EdgeServer server = commands.registry().current().server(name);
    if (server == null) {
      throw ApiException.notFound("There is no server " + Problems.shown(name) + ".");
    }
    commands.forcedEnds().end(caller, seen.row(), server, reason);
    CommandReads.Seen now = commands.reads().read(caller, seen.row().id());
    var one = new ExecutionStore.Page(new int[] {server.participantId()}, null, server.id() - 1, 1);
    ExecutionStore.Row row =
        commands
            .read(handle -> ExecutionStore.list(handle, now.row().seq(), now.row().track(), one))
            .getFirst();
    Bodies.send(ctx, 200, CommandLists.view(commands.registry().current(), row));
  }

  private static String reason(JsonNode document) {
    var problems = new Problems();
    Fields body = Fields.of(document, "", problems);
    String reason = body.requiredText("reason", LONGEST_REASON);
    if (reason != null && reason.isBlank()) {
      body.problem("reason", "is blank; say why");
    }
    body.done();
    problems.throwIfAny();
    return String.valueOf(reason);
  }
}
