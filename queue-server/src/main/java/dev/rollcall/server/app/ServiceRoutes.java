// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.upkeep.Readiness;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a machine asks of a server: is it up, can it work, what does it measure, what can it do. */
final class ServiceRoutes {
  private static final Pattern OF_PARTICIPANT = Pattern.compile("[{,]participant=\"([^\"]*)\"");

  private final Pool reads;
  private final RegistryService registry;
  private final Metrics metrics;
  private final byte[] openapi;

  ServiceRoutes(Pool reads, RegistryService registry, Metrics metrics) {
    this.reads = reads;
    this.registry = registry;
    this.metrics = metrics;
    this.openapi = openapi();
  }

  List<Route> routes() {
    return List.of(
        Route.get("/healthz", Route.OPEN, ctx -> Bodies.send(ctx, 200, Map.of("status", "ok"))),
        Route.get("/readyz", Route.OPEN, this::ready),
        Route.get("/metrics", Access.ALL_BUT_EDGES, this::metrics),
        Route.get("/openapi.yaml", Access.ALL_BUT_EDGES, this::openapi));
  }

  private static byte[] openapi() {
    try (InputStream in = ServiceRoutes.class.getResourceAsStream("/openapi.yaml")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks /openapi.yaml");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Each thing that must work, with what is wrong with it. */
  private void ready(Context ctx) {
    Map<String, String> checks = new TreeMap<>();
    checks.put("database", Readiness.of(reads));
    boolean ready = checks.values().stream().allMatch("ok"::equals);
    Bodies.send(
        ctx, ready ? 200 : 503, Map.of("status", ready ? "ok" : "unavailable", "checks", checks));
  }

  private void metrics(Context ctx) {
    Caller caller = Caller.of(ctx);
    String all = metrics.scrape();
    ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
        .result(caller.seesAll() ? all : withoutOthers(all, caller));
  }

  /** Who else takes part, and how they fare, is nobody's business but theirs. */
  private String withoutOthers(String scraped, Caller caller) {
    var kept = new StringBuilder(scraped.length());
    scraped
        .lines()
        .filter(line -> {
          Matcher of = OF_PARTICIPANT.matcher(line);
          if (line.startsWith("#") || !of.find()) {
            return true;
          }
          Participant participant = registry.current().participant(of.group(1));
          return participant != null && caller.isOf(participant.id());
        })
        .forEach(line -> kept.append(line).append('\n'));
    return kept.toString();
  }

  private void openapi(Context ctx) {
    ctx.contentType("application/yaml").result(openapi);
  }
}
