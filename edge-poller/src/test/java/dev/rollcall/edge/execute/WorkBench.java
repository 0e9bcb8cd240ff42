// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Work on a fake cache, with a real journal, and its results in a list. */
final class WorkBench {
  private final FakeDriver driver = new FakeDriver();
  private final List<ResultItem> results = new CopyOnWriteArrayList<>();
  private final Journal journal;
  private Work work;

  WorkBench(Path state) throws IOException {
    journal = Journal.open(state, Instant::now);
    work = work(Duration.ofMinutes(5));
  }

  void stop() throws IOException, InterruptedException {
    journal.close();
  }

  /** Begins anew, with another bound for each execution. */
  void executionLimit(Duration limit) {
    work = work(limit);
  }

  private Work work(Duration executionLimit) {
    var board =
        new StatusBoard(
            new StatusBoard.Self(1, "v", "i", "http://127.0.0.1", "fake", 10), Instant::now);
    return new Work(
        new Work.Limits(10, executionLimit),
        driver,
        journal,
        board,
        results::add,
        Ticker.system(),
        Instant::now);
  }

  Work work() {
    return work;
  }

  FakeDriver driver() {
    return driver;
  }

  Journal journal() {
    return journal;
  }

  List<ResultItem> results() {
    return results;
  }

  void accept(Executions... executions) throws InterruptedException {
    work.accept(Stream.of(executions).map(Executions::build).toList(), System.nanoTime());
  }

  static Executions purge(String name) {
    return Executions.purge(name, "https://www.acme.example/" + name);
  }

  void awaitResults(int count) {
    await("results").until(() -> results.size() >= count);
  }

  List<String> outcomes() {
    return results.stream().map(r -> r.command() + " " + r.outcome() + " " + r.code()).toList();
  }
}
