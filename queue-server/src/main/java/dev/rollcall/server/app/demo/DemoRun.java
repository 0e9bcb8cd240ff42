// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import static java.util.Objects.requireNonNull;

import dev.rollcall.server.app.cli.CommandFailure;
import dev.rollcall.server.app.cli.Surroundings;
import dev.rollcall.server.config.FileReason;
import dev.rollcall.server.lifecycle.StopStack;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One demo from start to end, whatever ends it. Confined to the thread that runs it. */
final class DemoRun {
  /** Longer than all that is stopped may take together. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final Surroundings surroundings;
  private final ServerStarter starter;
  private final DemoOptions options;
  private final Narrator narrator;

  DemoRun(Surroundings surroundings, ServerStarter starter, DemoOptions options) {
    this.surroundings = surroundings;
    this.starter = starter;
    this.options = options;
    this.narrator = new Narrator(surroundings);
  }

  /** Answers the exit status. When a signal ended it, the status is the signal's. */
  int run() {
    var stop = new StopStack();
    var signal = new StopSignal();
    var ended = new CountDownLatch(1);
    Thread hook =
        Thread.ofPlatform().name("rollcall-demo-stop").unstarted(() -> stopped(signal, ended));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return tell(stop, signal);
    } finally {
      signal.shieldForGood();
      try {
        stop.close();
      } finally {
        ended.countDown();
        remove(hook);
      }
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook is what made this return
    }
  }

  /** Runs when the process was told to end: tells the demo, and keeps the process until it did. */
  private static void stopped(StopSignal signal, CountDownLatch ended) {
    signal.request();
    try {
      boolean _ = ended.await(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int tell(StopStack stop, StopSignal signal) {
    try {
      return story(stop, signal) ? 0 : 1;
    } catch (DemoException e) {
      return failed(signal, e.lines());
    } catch (CommandFailure e) {
      return failed(signal, e.lines());
    } catch (UncheckedIOException e) {
      return failed(
          signal,
          List.of("The demo cannot go on: " + FileReason.named(requireNonNull(e.getCause()))));
    } catch (InterruptedException e) {
      narrator.gap();
      narrator.line("Stopping everything.");
      return 1;
    }
  }

  private int failed(StopSignal signal, List<String> lines) {
    if (!signal.isRequested()) { // else it is a consequence of being told to stop
      narrator.problem(lines);
    }
    return 1;
  }

  private boolean story(StopStack stop, StopSignal signal) throws InterruptedException {
    Instant begun = narrator.now();
    Path edgePoller = Programs.edgePoller(options.edgePoller());
    DemoDirectory directory = stop.push("directory", DemoDirectory.open(options.data()));
    narrator.line(
        "Rollcall demo: a federation of two operators on this machine. Everything it keeps is in "
            + narrator.path(directory.path())
            + ".");
    narrator.gap();
    Federation federation =
        new FederationStart(surroundings, starter, options, stop, signal)
            .start(directory, edgePoller);
    Show.Result result = new Show(surroundings, federation).run();
    narrator.line(
        "From the start of the demo to the end of the purge: " + narrator.since(begun) + ".");
    if (!options.exit()) {
      stayUp(federation, directory, result);
    }
    return result.good();
  }

  private void stayUp(Federation federation, DemoDirectory directory, Show.Result result)
      throws InterruptedException {
    narrator.heading("Your turn, in another terminal (everything stays up until Ctrl-C)");
    OwnCommands.lines(federation.server(), directory.writeHeader(), result.purge().id())
        .forEach(narrator::verbatim);
    Set<Children.Child> told = new HashSet<>();
    while (true) {
      surroundings.timing().pause().pause(LOOK_AGAIN);
      for (Children.Child dead : federation.pollers().dead()) {
        if (told.add(dead)) {
          narrator.line(dead.name() + " has ended; see " + narrator.path(dead.log()));
        }
      }
    }
  }
}
