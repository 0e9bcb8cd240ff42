// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.util.List;

/** Operations over HTTP. */
public final class OperationRoutes {
  private final Operations operations;
  private final Route.Access writers;

  /**
   * @param writers who may add operations
   */
  public OperationRoutes(Operations operations, Route.Access writers) {
    this.operations = operations;
    this.writers = writers;
  }

  public List<Route> routes() {
    return List.of(Route.put("/v1/operations/{name}", writers, this::put));
  }

  private void put(Context ctx) {
    operations.put(ctx.pathParam("name"), Bodies.json(ctx));
    ctx.status(204);
  }
}
