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
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Work on a fake cache, with a real journal, and its results in a list. */
final class WorkBench implements BeforeEachCallback, AfterEachCallback {
  private final Supplier<Path> state;
  private final FakeDriver driver = new FakeDriver();
  private final List<ResultItem> results = new CopyOnWriteArrayList<>();
  private @Nullable Journal journal;
  private @Nullable Work work;

  /**
   * @param state the directory of the journal, once the test has one
   */
  WorkBench(Supplier<Path> state) {
    this.state = state;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    journal = Journal.open(state.get(), Instant::now);
    executionLimit(Duration.ofMinutes(5));
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
    journal().close();
  }

  /** Begins anew, with another bound for each execution. */
  void executionLimit(Duration limit) {
    var board =
        new StatusBoard(
            new StatusBoard.Self(1, "v", "i", "http://127.0.0.1", "fake", 10), Instant::now);
    work =
        new Work(
            new Work.Limits(10, limit),
            driver,
            journal(),
            board,
            results::add,
            Ticker.system(),
            Instant::now);
  }

  Work work() {
    return Objects.requireNonNull(work);
  }

  FakeDriver driver() {
    return driver;
  }

  Journal journal() {
    return Objects.requireNonNull(journal);
  }

  List<ResultItem> results() {
    return results;
  }

  void accept(Executions... executions) throws InterruptedException {
    work().accept(Stream.of(executions).map(Executions::build).toList(), System.nanoTime());
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
