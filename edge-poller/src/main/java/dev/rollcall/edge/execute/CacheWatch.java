// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.lifecycle.Background;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.edge.telemetry.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the cache can be reached: by what executions meet, and by probes once there is
 * reason to doubt. While it cannot, no work is to be taken for it. Thread-safe.
 */
public final class CacheWatch {
  private static final Log LOG = Log.of("execute");

  /** A cache beside the poller that needs longer for a word is not there for those who ask it. */
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(3);

  /**
   * For a driver that does not keep to its limit: a file system that hangs cannot be interrupted.
   */
  private static final Duration GRACE = Duration.ofMillis(500);

  private final CacheDriver driver;
  private final StatusBoard board;
  private final InstantSource clock;
  private final Ticker ticker;
  private final RandomGenerator random;
  private final Background probing;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Reach reach;

  @GuardedBy("lock")
  private long changes;

  @GuardedBy("lock")
  private @Nullable Instant lostAt;

  @GuardedBy("lock")
  private long lostNanos;

  /** Confined to whoever probes. */
  private @Nullable CompletableFuture<Optional<String>> asked;

  public CacheWatch(
      CacheDriver driver,
      StatusBoard board,
      InstantSource clock,
      Ticker ticker,
      RandomGenerator random) {
    this.driver = driver;
    this.board = board;
    this.clock = clock;
    this.ticker = ticker;
    this.random = random;
    this.reach = Reach.unknown(ticker.nanos());
    this.probing = new Background("probe", LOG, this::turn);
  }

  public void start() {
    probing.start();
  }

  public void stop(Duration most) throws InterruptedException {
    probing.stop(most);
  }

  CacheDriver driver() {
    return driver;
  }

  /** Whether no work is to be taken. */
  public boolean isLost() {
    synchronized (lock) {
      return reach.isLost();
    }
  }

  /** How often the cache went or came back. */
  public long changes() {
    synchronized (lock) {
      return changes;
    }
  }

  /** Waits until it went or came back more often than this; answers how often. */
  public long awaitChange(long seen) throws InterruptedException {
    synchronized (lock) {
      while (changes == seen) {
        lock.wait();
      }
      return changes;
    }
  }

  /** What an execution met. */
  void met(CacheReply reply) {
    synchronized (lock) {
      switch (reply) {
        case CacheReply.Unreachable(_, String message, boolean begun) when !begun ->
            become(reach.missed(ticker.nanos(), random), message);
        case CacheReply.Unreachable _ -> doubt();
        case CacheReply.Done _ -> become(reach.carriedOut(), "");
        default -> {}
      }
    }
  }

  /** An execution did not end in time; whose fault that is, a probe tells. */
  void doubt() {
    synchronized (lock) {
      become(reach.doubted(ticker.nanos()), "");
    }
  }

  private void turn() throws InterruptedException {
    synchronized (lock) {
      while (!reach.isProbeDue(ticker.nanos())) {
        if (reach.state() == Reach.State.REACHED) {
          lock.wait();
        } else {
          lock.wait((reach.probeAt() - ticker.nanos()) / 1_000_000 + 1);
        }
      }
    }
    probeIfDue();
  }

  /** Answers whether the cache was asked. */
  boolean probeIfDue() throws InterruptedException {
    synchronized (lock) {
      if (!reach.isProbeDue(ticker.nanos())) {
        return false;
      }
    }
    Optional<String> problem = probe();
    synchronized (lock) {
      become(reach.probed(problem.isEmpty(), ticker.nanos(), random), problem.orElse(""));
    }
    return true;
  }

  /** A probe that hangs counts as not answered, and the next one waits for the same answer. */
  private Optional<String> probe() throws InterruptedException {
    CompletableFuture<Optional<String>> answer = asked == null ? ask() : asked;
    asked = answer;
    try {
      Optional<String> problem =
          answer.get(PROBE_LIMIT.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
      asked = null;
      return problem;
    } catch (TimeoutException e) {
      return Optional.of("does not answer within " + PROBE_LIMIT.toSeconds() + " s");
    } catch (ExecutionException e) {
      asked = null;
      LOG.error("unexpected failure of a probe", e);
      return Optional.of(String.valueOf(e.getCause()));
    }
  }

  private CompletableFuture<Optional<String>> ask() {
    var answer = new CompletableFuture<Optional<String>>();
    long end = ticker.nanos() + PROBE_LIMIT.toNanos();
    Thread.ofVirtual()
        .name("rollcall-probing")
        .start(() -> {
          try {
            answer.complete(driver.probe(() -> Duration.ofNanos(end - ticker.nanos())));
          } catch (InterruptedException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  @GuardedBy("lock")
  private void become(Reach next, String why) {
    boolean was = reach.isLost();
    boolean same = reach.equals(next);
    reach = next;
    if (same) {
      return;
    }
    Instant since = lostAt;
    if (next.isLost()) {
      if (since == null) {
        since = clock.instant();
        lostAt = since;
        lostNanos = ticker.nanos();
        LOG.warn("the cache cannot be reached; no work is taken until it answers", "reason", why);
      }
      Instant probeAt = clock.instant().plusNanos(next.probeAt() - ticker.nanos());
      board.cacheLost(new StatusReport.CacheTrouble(since, why, probeAt));
    } else if (was) {
      lostAt = null;
      LOG.info("the cache answers again", "seconds", ticker.since(lostNanos).toSeconds());
      board.cacheReached();
    }
    changes += was == next.isLost() ? 0 : 1;
    lock.notifyAll();
  }
}
