// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.HttpServer;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes requests that were refused: for each caller, address and status one line a minute, however
 * many they were, so that nobody fills the disk with them. Thread-safe.
 */
public final class Refusals implements HttpServer.RefusalListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  /** So many lines a minute; what is more is told in one. */
  private static final int MOST = 1_000;

  private static final String NOBODY = "nobody";
  private static final String OTHERS = "others";

  /** What is counted together. */
  private record Key(
      String subject, @Nullable String address, @Nullable Caller caller, int status) {}

  /**
   * @param object the first that was asked for
   */
  private record Tally(String object, String code, int times) {
    Tally plus(Tally other) {
      return new Tally(object, code, times + other.times());
    }
  }

  private final Pool pool;
  private final PeriodicTask task =
      new PeriodicTask("refusals", Duration.ofMinutes(1), this::flush);
  private volatile ConcurrentMap<Key, Tally> counted = new ConcurrentHashMap<>();

  public Refusals(Pool pool) {
    this.pool = pool;
  }

  public void start() {
    task.start();
  }

  @Override
  public void refused(Context ctx, Route route, ApiException why) {
    Caller caller = Caller.find(ctx);
    var key =
        caller == null
            ? new Key(NOBODY, ctx.ip(), null, why.status())
            : new Key(caller.subject(), caller.address(), caller, why.status());
    ConcurrentMap<Key, Tally> now = counted;
    if (now.size() >= MOST && !now.containsKey(key)) {
      key = new Key(OTHERS, null, null, why.status());
    }
    now.merge(key, new Tally(route.method() + " " + route.path(), why.code(), 1), Tally::plus);
  }

  /** What comes while it runs may still be counted in what it writes, or is lost: one or two. */
  private void flush() {
    ConcurrentMap<Key, Tally> full = counted;
    if (full.isEmpty()) {
      return;
    }
    counted = new ConcurrentHashMap<>();
    List<Act> acts =
        full.entrySet().stream().map(entry -> act(entry.getKey(), entry.getValue())).toList();
    pool.inTransaction(handle -> {
      AuditStore.note(handle, acts);
      return acts;
    });
  }

  private static Act act(Key key, Tally tally) {
    Caller caller = key.caller();
    return new Act(
        key.subject(),
        key.address(),
        caller == null ? null : caller.participantId(),
        "request",
        tally.object(),
        "refused",
        tally.times(),
        caller == null || caller.participantId() == null
            ? List.of()
            : List.of(caller.participantId()),
        dev.rollcall.protocol.json.Json.MAPPER
            .createObjectNode()
            .put("status", key.status())
            .put("code", tally.code()));
  }

  @Override
  public void close() {
    task.close();
    try {
      flush();
    } catch (RuntimeException e) {
      LOG.warn("refused requests of the last minute were not noted: {}", e.getMessage());
    }
  }
}
