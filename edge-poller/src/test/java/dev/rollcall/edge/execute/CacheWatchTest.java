// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.edge.telemetry.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the cache is asked, and what is said of it, by a made-up clock. */
final class CacheWatchTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final CacheReply DONE = FakeDriver.done();
  private static final CacheReply REFUSED =
      new CacheReply.Unreachable("unreachable", "refuses", false);
  private static final CacheReply BROKEN =
      new CacheReply.Unreachable("unreachable", "breaks off", true);

  private final FakeDriver driver = new FakeDriver();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Handler ear = ear();
  private final AtomicLong nanos = new AtomicLong();
  private final StatusBoard board =
      new StatusBoard(new StatusBoard.Self(1, "v", "i", "s", "fake", 1), this::now);
  private final CacheWatch watch =
      new CacheWatch(driver, board, this::now, nanos::get, new SplittableRandom(3));

  private Instant now() {
    return NOON.plusNanos(nanos.get());
  }

  private Handler ear() {
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        said.add(record.getLevel() + " " + record.getMessage());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @BeforeEach
  void listen() throws InterruptedException {
    Logger.getLogger("rollcall.execute").addHandler(ear);
    assertThat(watch.probeIfDue()).as("at the start").isTrue();
  }

  @AfterEach
  void stop() throws InterruptedException {
    Logger.getLogger("rollcall.execute").removeHandler(ear);
    watch.stop(Duration.ofSeconds(5));
  }

  private StatusReport report() {
    return board.report(() -> 0, () -> 0);
  }

  private StatusReport.CacheTrouble trouble() {
    return Objects.requireNonNull(report().cacheTrouble());
  }

  /** Sets the clock to the next probe; answers how long that was. */
  private Duration toNextProbe() {
    Duration until = Duration.between(now(), trouble().probeAt());
    nanos.addAndGet(until.toNanos());
    return until;
  }

  @Test
  void a_cache_that_is_away_is_lost_at_once_and_back_with_the_first_answer() throws Exception {
    driver.away("refuses");

    watch.met(REFUSED);
    assertThat(watch.isLost()).isTrue();
    assertThat(trouble().since()).isEqualTo(NOON);
    assertThat(trouble().reason()).isEqualTo("refuses");
    assertThat(report().isWell()).isFalse();
    for (int i = 0; i < 8; i++) {
      assertThat(watch.probeIfDue()).as("before its time").isFalse();
      assertThat(toNextProbe()).isLessThanOrEqualTo(Duration.ofNanos(Reach.longestPause(i + 1)));
      watch.met(REFUSED); // of one that was under way
      assertThat(watch.probeIfDue()).isTrue();
    }
    assertThat(driver.probes()).isEqualTo(1 + 8);
    driver.away(null);
    toNextProbe();
    watch.probeIfDue();

    assertThat(watch.isLost()).isFalse();
    assertThat(report().cacheTrouble()).isNull();
    assertThat(report().isWell()).isTrue();
    assertThat(said)
        .containsExactly(
            "WARNING the cache cannot be reached; no work is taken until it answers"
                + " reason=refuses",
            "INFO the cache answers again seconds=" + nanos.get() / 1_000_000_000);
  }

  @Test
  void what_may_be_one_objects_fault_is_looked_into_and_alone_stops_nothing() throws Exception {
    watch.met(BROKEN);

    assertThat(watch.isLost()).isFalse();
    assertThat(watch.probeIfDue()).isTrue();
    watch.doubt(); // an execution ran out of time
    assertThat(watch.probeIfDue()).isTrue();
    assertThat(watch.isLost()).isFalse();
    assertThat(watch.changes()).isZero();
    assertThat(said).isEmpty();

    watch.met(BROKEN);
    driver.away("does not answer in time");
    watch.probeIfDue();
    assertThat(watch.isLost()).isTrue();
    assertThat(trouble().reason()).isEqualTo("does not answer in time");
  }

  @Test
  void a_failure_of_the_task_says_nothing_against_the_cache() throws Exception {
    watch.met(FakeDriver.failed(true));
    watch.met(new CacheReply.Rejected("unsupported", "cannot"));
    watch.met(DONE);

    assertThat(watch.probeIfDue()).isFalse();
    assertThat(watch.isLost()).isFalse();
  }

  @Test
  void a_poller_that_starts_before_its_cache_knows_it_without_any_work() throws Exception {
    driver.away("refuses");
    var early = new CacheWatch(driver, board, this::now, nanos::get, new SplittableRandom(3));

    early.start();

    assertThat(early.awaitChange(0)).isEqualTo(1);
    assertThat(early.isLost()).isTrue();
    early.stop(Duration.ofSeconds(5));
  }

  @Test
  void the_thread_asks_when_it_is_time_and_not_before() throws Exception {
    driver.away("refuses");
    watch.start();

    watch.met(REFUSED);
    assertThat(watch.awaitChange(0)).isEqualTo(1);
    driver.away(null);
    nanos.addAndGet(Reach.FIRST_PAUSE.toNanos());

    await("it is asked").until(() -> watch.changes() == 2);
    assertThat(watch.isLost()).isFalse();
  }

  @Test
  void a_probe_that_breaks_counts_as_not_answered() throws Exception {
    var broken =
        new CacheWatch(
            FakeDriver.probedBy(() -> {
              throw new IllegalStateException("a bug");
            }),
            board,
            this::now,
            nanos::get,
            new SplittableRandom(3));

    broken.probeIfDue();

    assertThat(broken.isLost()).isTrue();
    assertThat(trouble().reason()).contains("a bug");
  }

  @Test
  void a_probe_that_hangs_counts_as_not_answered_and_is_not_sent_again() throws Exception {
    var go = new java.util.concurrent.CountDownLatch(1);
    var hanging =
        FakeDriver.probedBy(() -> {
          var _ = go.await(1, java.util.concurrent.TimeUnit.MINUTES);
          return java.util.Optional.empty();
        });
    var hung = new CacheWatch(hanging, board, this::now, nanos::get, new SplittableRandom(3));

    hung.probeIfDue();
    assertThat(hung.isLost()).isTrue();
    assertThat(trouble().reason()).isEqualTo("does not answer within 3 s");
    go.countDown();
    toNextProbe();
    hung.probeIfDue();

    assertThat(hung.isLost()).isFalse();
    assertThat(hanging.probes()).isEqualTo(1);
  }
}
