// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.report;

import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reports over HTTP. They look across participants, so only who sees all may run them. */
public final class ReportRoutes {
  private static final Access READERS = new Access(EnumSet.of(Role.OPERATOR, Role.REPORTER));

  private final ReportStore reports;

  public ReportRoutes(Pool pool) {
    this.reports = new ReportStore(pool);
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v1/reports", READERS, this::list),
        Route.get("/v1/reports/{name}", READERS, this::run));
  }

  /** A report as it is listed. */
  record Item(String name, String purpose, List<ReportFile.Parameter> parameters) {}

  /** All reports. */
  record Items(List<Item> items) {}

  private void list(Context ctx) {
    refuseScoped(ctx);
    Bodies.send(
        ctx,
        200,
        new Items(
            reports.all().stream()
                .map(file -> new Item(file.name(), file.purpose(), file.parameters()))
                .toList()));
  }

  private void run(Context ctx) {
    refuseScoped(ctx);
    String name = ctx.pathParam("name");
    ReportFile file = reports.find(name);
    if (file == null) {
      throw ApiException.notFound(
          "There is no report "
              + Problems.shown(name)
              + "; there are "
              + reports.all().stream().map(ReportFile::name).collect(Collectors.joining(", "))
              + ".");
    }
    Bodies.queryKnows(
        ctx,
        file.parameters().stream().map(ReportFile.Parameter::name).collect(Collectors.toSet()));
    List<Problem> missing = new ArrayList<>();
    Map<String, String> values = new LinkedHashMap<>();
    for (ReportFile.Parameter parameter : file.parameters()) {
      String value = ctx.queryParam(parameter.name());
      if (value == null) {
        missing.add(
            new Problem(
                "/query/" + parameter.name(),
                "is missing: " + parameter.type() + ", " + parameter.meaning()));
      } else {
        values.put(parameter.name(), value);
      }
    }
    if (!missing.isEmpty()) {
      throw ApiException.invalid(missing);
    }
    Bodies.send(ctx, 200, reports.run(file, values));
  }

  private static void refuseScoped(Context ctx) {
    if (!Caller.of(ctx).seesAll()) {
      throw ApiException.forbidden("Reports look across participants; this token is one's.");
    }
  }
}
