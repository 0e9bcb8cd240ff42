// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.edge.cache.Abilities;
import dev.rollcall.edge.cache.Abilities.Ability;
import dev.rollcall.edge.cache.Abilities.Manner;
import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.CacheTask;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.Loads;
import dev.rollcall.edge.cache.Operation;
import dev.rollcall.edge.cache.Parallel;
import dev.rollcall.edge.cache.SelectorKind;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.edge.cache.exchange.Addresses;
import dev.rollcall.edge.cache.exchange.BodySink;
import dev.rollcall.edge.cache.exchange.HttpPeer;
import dev.rollcall.edge.cache.exchange.Reply;
import dev.rollcall.edge.cache.exchange.Request;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.selector.CacheUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Commands one varnishd. Thread-safe. */
public final class VarnishDriver implements CacheDriver {
  private static final Log LOG = Log.of("varnish");
  private static final Duration REPEAT_LIMIT = Duration.ofSeconds(5);

  private static final Set<SelectorKind> BANNED =
      EnumSet.of(
          SelectorKind.PREFIXES,
          SelectorKind.PATTERNS,
          SelectorKind.REGEXES,
          SelectorKind.EVERYTHING);

  private static final Abilities ABILITIES =
      new Abilities.Builder()
          .with(Operation.PURGE, Set.of(SelectorKind.URLS), new Ability(Manner.EXACT, true))
          .with(Operation.PURGE, BANNED, new Ability(Manner.EXACT, false))
          .with(Operation.INVALIDATE, Set.of(SelectorKind.URLS), new Ability(Manner.EXACT, true))
          .with(Operation.INVALIDATE, BANNED, new Ability(Manner.WIDER, false))
          .with(Operation.LOAD, Set.of(SelectorKind.URLS), new Ability(Manner.EXACT, true))
          .build();

  private final HttpPeer varnish;
  private final Repeats repeats;

  public VarnishDriver(CacheConfig.Varnish config, Ticker ticker) {
    this(config, ticker, Repeats.AFTER);
  }

  VarnishDriver(CacheConfig.Varnish config, Ticker ticker, List<Duration> repeatAfter) {
    this.varnish = new HttpPeer(config.address(), Addresses.ANY);
    this.repeats = new Repeats(ticker, repeatAfter, this::repeat);
  }

  @Override
  public Abilities abilities() {
    return ABILITIES;
  }

  @Override
  public void start() {
    repeats.start();
  }

  @Override
  public void stop() throws InterruptedException {
    repeats.stop(Duration.ofSeconds(1));
    varnish.close();
  }

  @Override
  public CacheReply execute(CacheTask task, TimeLimit limit) throws InterruptedException {
    return switch (task.operation()) {
      case PURGE, INVALIDATE -> remove(task, limit);
      case LOAD ->
          Loads.reply(Parallel.map(task.selectors().urls(), Loads.WIDTH, url -> load(url, limit)));
    };
  }

  private CacheReply remove(CacheTask task, TimeLimit limit) throws InterruptedException {
    BanPlan plan = BanPlan.of(task);
    if (!plan.refused().isEmpty()) {
      return new CacheReply.Rejected(Codes.UNSUPPORTED, String.join("; ", plan.refused()));
    }
    boolean soft = task.operation() == Operation.INVALIDATE;
    long objects = 0;
    List<CacheUrl> urls = task.selectors().everything() ? List.of() : task.selectors().urls();
    boolean begun = false;
    for (CacheUrl url : urls) {
      if (url.pathAndQuery().length() > BanRegex.LONGEST_URL) {
        continue; // the VCL does not keep it
      }
      switch (send(purge(url, soft), limit)) {
        case VarnishAnswer.Done done -> objects += Math.max(0, done.objects());
        case VarnishAnswer.Not(CacheReply reply) -> {
          return ended(reply, begun);
        }
      }
      begun = true;
    }
    for (Ban ban : plan.bans()) {
      switch (send(ban.request(), limit)) {
        case VarnishAnswer.Done done -> repeats.add(ban, done.millis());
        case VarnishAnswer.Not(CacheReply reply) -> {
          return ended(reply, begun);
        }
      }
      begun = true;
    }
    return done(soft, urls.size(), objects, plan);
  }

  /** What became of a task by what became of one of its requests. */
  private static CacheReply ended(CacheReply reply, boolean begun) {
    return begun && reply instanceof CacheReply.Unreachable(String code, String message, _)
        ? new CacheReply.Unreachable(code, message, true)
        : reply;
  }

  private static CacheReply done(boolean soft, int urls, long objects, BanPlan plan) {
    List<String> widened = new ArrayList<>(plan.widened());
    if (soft && !plan.bans().isEmpty()) {
      widened.add("invalidate as purge, for all selectors but urls");
    }
    boolean banned = !plan.bans().isEmpty();
    String code =
        !widened.isEmpty()
            ? Codes.WIDENED
            : banned ? Codes.BANNED : soft ? Codes.INVALIDATED : Codes.DELETED;
    String message = urls + " URLs, " + plan.bans().size() + " bans";
    return new CacheReply.Done(code, banned ? null : objects, message, data(widened));
  }

  private static @Nullable ObjectNode data(List<String> widened) {
    if (widened.isEmpty()) {
      return null;
    }
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    ArrayNode list = data.putArray("widened");
    widened.forEach(list::add);
    return data;
  }

  private static Request purge(CacheUrl url, boolean soft) {
    return new Request(
        "PURGE",
        url.pathAndQuery(),
        url.host().name(),
        Map.of("X-Rollcall", soft ? "soft" : "hard"));
  }

  private VarnishAnswer send(Request request, TimeLimit limit) throws InterruptedException {
    try {
      return VarnishAnswer.of(varnish.exchange(request, BodySink.DISCARD, limit));
    } catch (IOException e) {
      return new VarnishAnswer.Not(VarnishAnswer.none(varnish.address(), e));
    }
  }

  private void repeat(Request request) throws InterruptedException {
    if (send(request, () -> REPEAT_LIMIT) instanceof VarnishAnswer.Not(CacheReply reply)) {
      LOG.debug("a ban could not be repeated", "code", reply.code(), "message", reply.message());
    }
  }

  private Loads.Load load(CacheUrl url, TimeLimit limit) throws InterruptedException {
    Request request =
        Request.get(url.pathAndQuery(), url.host().name())
            .with("X-Rollcall", "load")
            .with("Accept-Encoding", "gzip");
    try {
      return loaded(url, varnish.exchange(request, BodySink.DISCARD, limit));
    } catch (IOException e) {
      return new Loads.Load(url, VarnishAnswer.none(varnish.address(), e));
    }
  }

  private static Loads.Load loaded(CacheUrl url, Reply reply) {
    int status = reply.status();
    boolean counts =
        (status >= 200 && status < 300) || status == 300 || status == 301 || status == 308;
    if (!counts) {
      return Loads.Load.failed(url, Codes.status(status), "status " + status, true);
    }
    if (reply.header("x-rollcall-vcl") == null) {
      return Loads.Load.failed(
          url,
          Codes.UNEXPECTED_ANSWER,
          "delivered, but not by rollcall.vcl; the VCL in use must include it",
          true);
    }
    return "yes".equals(reply.header("x-rollcall-stored"))
        ? Loads.Load.done(url)
        : Loads.Load.failed(
            url, Codes.NOT_STORED, "delivered, but Varnish does not keep it", false);
  }

  /** Any answer will do: also one that refuses comes from a cache that is there. */
  @Override
  public Optional<String> probe(TimeLimit limit) throws InterruptedException {
    return send(check(), limit) instanceof VarnishAnswer.Not(CacheReply.Unreachable none)
        ? Optional.of(none.message())
        : Optional.empty();
  }

  private static Request check() {
    return new Request("PURGE", "/", "rollcall.invalid", Map.of("X-Rollcall", "check"));
  }

  @Override
  public Check check(TimeLimit limit) throws InterruptedException {
    return switch (send(check(), limit)) {
      case VarnishAnswer.Done _ ->
          new Check(true, List.of("Varnish at " + varnish.address() + " runs rollcall.vcl"));
      case VarnishAnswer.Not(CacheReply reply) -> new Check(false, List.of(reply.message()));
    };
  }
}
