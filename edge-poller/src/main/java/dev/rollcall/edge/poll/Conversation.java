// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.execute.Results;
import dev.rollcall.edge.journal.HeldLease;
import dev.rollcall.edge.lifecycle.Background;
import dev.rollcall.edge.telemetry.Log;
import java.time.Duration;

/** Polls, reports and renews, from start to stop. */
public final class Conversation {
  private static final Log LOG = Log.of("poll");

  private final Parts parts;
  private final PollLoop loop;
  private final Reporter reporter;
  private final Background polling;
  private final Background reporting;
  private final Background renewing;
  private final Background following;

  public Conversation(PollerSettings settings, Parts parts) {
    this.parts = parts;
    var verdicts = new Verdicts(parts.outbox(), parts.journal());
    this.reporter = new Reporter(parts, verdicts);
    this.loop = new PollLoop(settings, parts, verdicts, reporter);
    var keeper = new LeaseKeeper(parts.client(), parts.work().renewals());
    this.polling = new Background("poll", LOG, this::poll);
    this.reporting = new Background("report", LOG, reporter::turn);
    this.renewing = new Background("renew", LOG, keeper::turn);
    var follower = new CacheFollower(parts.work(), loop);
    this.following = new Background("follow", LOG, follower::turn);
  }

  /**
   * First everything that the last process left is reported, by the polls alone: its results, and
   * as released what it held without one. Whether that was begun is not known; every operation may
   * be carried out twice.
   */
  public void start() {
    parts.journal().owed().forEach(parts.outbox()::add);
    for (HeldLease lease : parts.journal().held()) {
      LOG.info(
          "released, held by the last process",
          "command",
          lease.id().command(),
          "lease",
          lease.id().lease(),
          "operation",
          lease.operation());
      var result =
          Results.released(lease.id(), "restarted", "the poller was restarted before it was done");
      parts.outbox().add(result);
      parts.journal().finished(result, () -> {});
    }
    polling.start();
    renewing.start();
    following.start();
  }

  private void poll() throws InterruptedException {
    loop.turn();
    if (loop.hasReportedAll()) {
      reporting.start();
    }
  }

  /** Takes no more work. What the server still leased is answered as released. */
  public void stopPolling(Duration most) throws InterruptedException {
    polling.finish();
    following.stop(Duration.ofMillis(200));
    Thread ending = Thread.ofVirtual().name("rollcall-end").start(this::end);
    polling.join(most);
    polling.stop(Duration.ofMillis(200));
    ending.interrupt();
    ending.join(Duration.ofMillis(200));
  }

  private void end() {
    try {
      loop.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Reports what is left, if the server takes it in time. A report that is under way is not broken
   * off for it: the server may have it already, and would get it twice.
   */
  public void stop(Duration most) throws InterruptedException {
    renewing.stop(Duration.ofMillis(200));
    reporting.finish();
    reporter.end();
    long began = parts.ticker().nanos();
    reporting.join(most);
    reporting.stop(Duration.ofMillis(200));
    Duration left = most.minus(parts.ticker().since(began));
    if (!left.isPositive()) {
      return;
    }
    Thread flushing = Thread.ofVirtual().name("rollcall-flush").start(() -> flush(left));
    flushing.join(left);
    flushing.interrupt();
    flushing.join(Duration.ofMillis(200));
  }

  private void flush(Duration most) {
    try {
      reporter.flush(most);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
