// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.config.TlsFiles;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.execute.CacheWatch;
import dev.rollcall.edge.execute.Work;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.edge.fake.FakeQueueServer;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.edge.telemetry.StatusReport;
import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** A conversation with a fake queue server about a fake cache, with a real journal. */
final class ConversationBench {
  static final int CAPACITY = 4;

  private final FakeDriver driver = new FakeDriver();
  private final Outbox outbox = new Outbox();
  private final FakeQueueServer server = new FakeQueueServer();
  private final Journal journal;
  private final StatusBoard board;
  private final QueueClient client;
  private final CacheWatch cache;
  private final Work work;
  private final Conversation conversation;

  ConversationBench(Path state, int capacity) throws IOException {
    journal = Journal.open(state, Instant::now);
    board =
        new StatusBoard(
            new StatusBoard.Self(1, "v", "i", "http://127.0.0.1", "fake", capacity), Instant::now);
    client =
        new QueueClient(
            server.address(),
            new TokenSource.Given(FakeQueueServer.TOKEN, "ROLLCALL_TOKEN"),
            TlsFiles.NONE,
            "test",
            Duration.ofSeconds(5),
            Ticker.system());
    cache = new CacheWatch(driver, board, Instant::now, Ticker.system(), new SplittableRandom(7));
    work =
        new Work(
            new Work.Limits(capacity, Duration.ofMinutes(5)),
            cache,
            journal,
            board,
            outbox::add,
            Ticker.system(),
            Instant::now);
    conversation =
        new Conversation(
            new PollerSettings(capacity, Duration.ofSeconds(30), "me", "test", List.of("purge")),
            new Parts(
                client, work, journal, outbox, board, new SplittableRandom(42), Ticker.system()));
  }

  void stop() throws IOException, InterruptedException {
    work.drain();
    work.abort();
    cache.stop(Duration.ofMillis(500));
    conversation.stopPolling(Duration.ofMillis(500));
    conversation.stop(Duration.ofMillis(500));
    client.close();
    server.close();
    journal.close();
  }

  FakeDriver driver() {
    return driver;
  }

  FakeQueueServer server() {
    return server;
  }

  Journal journal() {
    return journal;
  }

  Outbox outbox() {
    return outbox;
  }

  Work work() {
    return work;
  }

  CacheWatch cache() {
    return cache;
  }

  Conversation conversation() {
    return conversation;
  }

  StatusReport status() {
    return board.report(work::waiting, outbox::size);
  }

  static Executions purge(String name) {
    return Executions.purge(name, "https://www.acme.example/" + name);
  }

  void awaitEnd(String... commands) {
    for (String command : commands) {
      await(command + " ended").until(() -> server.end(command) != null);
    }
  }

  void awaitParked() {
    await("a poll is held by the server").until(() -> server.parked() == 1);
  }

  ResultItem end(String command) {
    return Objects.requireNonNull(server.end(command), command);
  }
}
