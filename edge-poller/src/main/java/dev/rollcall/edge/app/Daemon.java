// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.config.PollerConfig;
import dev.rollcall.edge.execute.CacheWatch;
import dev.rollcall.edge.execute.Work;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.Background;
import dev.rollcall.edge.lifecycle.DirectoryLock;
import dev.rollcall.edge.lifecycle.PrivateDirectory;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.lifecycle.Waiter;
import dev.rollcall.edge.poll.Conversation;
import dev.rollcall.edge.poll.Outbox;
import dev.rollcall.edge.poll.Parts;
import dev.rollcall.edge.poll.PollerSettings;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.edge.telemetry.StatusFile;
import dev.rollcall.edge.telemetry.StatusReport;
import dev.rollcall.edge.telemetry.StatusReport.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * A poller that runs: all its parts, put together, and the order in which they start and stop. The
 * stop takes at most nine seconds, whatever server and cache do.
 */
final class Daemon {
  private static final Log LOG = Log.of("app");

  /** Beyond the wait that was asked for: how long a server may take to answer. */
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(15);

  private static final Duration STATUS_PAUSE = Duration.ofSeconds(1);

  private final Path state;
  private final DirectoryLock lock;
  private final Journal journal;
  private final CacheDriver driver;
  private final QueueClient client;
  private final CacheWatch cache;
  private final Work work;
  private final Outbox outbox;
  private final Conversation conversation;
  private final StatusBoard board;
  private final Waiter statusPause = new Waiter();
  private final Background status;
  private boolean statusFails; // confined to the thread of status

  /** A poller that cannot be started; the message is for the operator. */
  static final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
      super(message);
    }
  }

  static Daemon open(PollerConfig config) throws StartException {
    String exposure = config.token().exposure();
    if (exposure != null) {
      throw new StartException("the token " + exposure);
    }
    try {
      PrivateDirectory.create(config.state());
      String self = "pid " + ProcessHandle.current().pid();
      return switch (DirectoryLock.take(config.state(), self)) {
        case DirectoryLock.Taken.ByAnother(String holder) ->
            throw new StartException(
                "the state directory "
                    + config.state()
                    + " is held by another poller: "
                    + holder
                    + "; stop it, or set another state");
        case DirectoryLock.Taken.Held(DirectoryLock lock) -> new Daemon(config, lock);
      };
    } catch (IOException e) {
      throw new StartException(
          "the state directory " + config.state() + " cannot be used: " + IoReason.of(e));
    }
  }

  private Daemon(PollerConfig config, DirectoryLock lock) throws IOException {
    InstantSource clock = Clock.systemUTC();
    Ticker ticker = Ticker.system();
    String instance = UUID.randomUUID().toString();
    this.state = config.state();
    this.lock = lock;
    this.driver = Drivers.of(config.cache(), clock, ticker);
    this.board =
        new StatusBoard(
            new StatusBoard.Self(
                ProcessHandle.current().pid(),
                Version.text(),
                instance,
                config.server().toString(),
                Drivers.described(config.cache()),
                config.capacity()),
            clock);
    this.journal = Journal.open(state, clock);
    this.client =
        new QueueClient(
            config.server(), config.token(), config.tls(), Version.text(), ANSWER_MARGIN, ticker);
    this.outbox = new Outbox();
    this.cache = new CacheWatch(driver, board, clock, ticker, random());
    this.work =
        new Work(
            new Work.Limits(config.capacity(), config.executionLimit()),
            cache,
            journal,
            board,
            outbox::add,
            ticker,
            clock);
    this.conversation =
        new Conversation(
            new PollerSettings(
                config.capacity(),
                config.longestWait(),
                instance,
                Version.text(),
                driver.abilities().operations()),
            new Parts(client, work, journal, outbox, board, random(), ticker));
    this.status = new Background("status", LOG, this::writeStatus);
  }

  /** One for each who draws: they are not made to be shared by threads. */
  private static RandomGenerator random() {
    return RandomGenerator.of("L64X128MixRandom");
  }

  void start() throws StartException {
    try {
      driver.start();
    } catch (IOException e) {
      throw new StartException("the cache cannot be used: " + IoReason.of(e));
    }
    status.start();
    cache.start();
    conversation.start();
  }

  /**
   * Stops polling and releases what has not begun; lets what runs finish, and after a while gives
   * it up; reports what there is. What could not be reported is in the journal.
   */
  void stop() throws InterruptedException, IOException {
    LOG.info("stopping");
    board.state(State.STOPPING);
    work.drain();
    conversation.stopPolling(Duration.ofMillis(1_500));
    if (!work.awaitIdle(Duration.ofSeconds(3))) {
      work.abort();
      work.awaitIdle(Duration.ofMillis(1_200));
    }
    journal.flush();
    conversation.stop(Duration.ofSeconds(1));
    cache.stop(Duration.ofMillis(200));
    driver.stop();
    board.state(State.STOPPED);
    status.stop(Duration.ofMillis(200));
    StatusFile.write(state, board.report(work::waiting, outbox::size));
    journal.close();
    client.close();
    lock.close();
    LOG.info("stopped", "owed", outbox.size());
  }

  /** At most once a second, and now and then without anything new: a heartbeat. */
  private void writeStatus() throws InterruptedException {
    board.awaitChange(StatusReport.HEARTBEAT);
    try {
      StatusFile.write(state, board.report(work::waiting, outbox::size));
      statusFails = false;
    } catch (IOException e) {
      if (!statusFails) {
        LOG.warn("the status cannot be written", "reason", IoReason.of(e));
      }
      statusFails = true;
    }
    statusPause.await(STATUS_PAUSE);
  }
}
