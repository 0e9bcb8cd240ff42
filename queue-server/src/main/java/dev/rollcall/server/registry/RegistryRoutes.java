// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The whole registry over HTTP. */
public final class RegistryRoutes {
  private static final long MAX_BYTES = 256L << 20;
  private static final String YAML = "application/yaml";

  private final RegistryService registry;
  private final Route.Access writers;

  /**
   * @param writers who may read and write all of it
   */
  public RegistryRoutes(RegistryService registry, Route.Access writers) {
    this.registry = registry;
    this.writers = writers;
  }

  public List<Route> routes() {
    return List.of(
        Route.put("/v1/registry", writers, this::put),
        Route.get("/v1/registry", writers, this::get));
  }

  /** The answer to a manifest. */
  record Applied(
      boolean dryRun,
      long version,
      List<RegistryDiff.Item> created,
      List<RegistryDiff.Changed> changed,
      List<RegistryDiff.Item> removed) {
    static Applied of(RegistryDiff diff, Registry now) {
      return new Applied(false, now.version(), diff.created(), diff.changed(), diff.removed());
    }
  }

  private void put(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("dryRun", "prune"));
    boolean dryRun = Bodies.queryFlag(ctx, "dryRun");
    boolean prune = Bodies.queryFlag(ctx, "prune");
    boolean yaml = Bodies.type(ctx, Set.of("application/json", YAML)).equals(YAML);
    var problems = new Problems();
    Manifest manifest;
    try (InputStream body = Bodies.limited(ctx, MAX_BYTES)) {
      manifest = ManifestParser.parse(body, yaml, problems);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Set<String> wanted = ifMatch(ctx.header("If-Match"));
    RegistryDiff diff =
        wanted == null
            ? registry.apply(manifest, problems, prune, dryRun)
            : ScopedValue.where(RegistryStore.WANTED, wanted)
                .call(() -> registry.apply(manifest, problems, prune, dryRun));
    Bodies.send(
        ctx,
        200,
        new Applied(
            dryRun, registry.current().version(), diff.created(), diff.changed(), diff.removed()));
  }

  /** Null when any version will do. A weak tag is none (RFC 9110 section 13.1.1). */
  private static @Nullable Set<String> ifMatch(@Nullable String header) {
    return header == null || header.strip().equals("*")
        ? null
        : Arrays.stream(header.split(",", -1)).map(String::strip).collect(Collectors.toSet());
  }

  private void get(Context ctx) {
    Registry now = registry.refresh();
    ctx.header("ETag", RegistryStore.tag(now.version()));
    Bodies.send(ctx, 200, RegistryJson.whole(now));
  }
}
