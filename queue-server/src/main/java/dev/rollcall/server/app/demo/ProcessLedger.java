// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The processes that were started, in a file, so that the next demo can stop what a killed one left
 * behind. A process is known by its id and the time it started: ids are used again.
 */
final class ProcessLedger {
  /** The start time comes from the kernel's ticks and the clock, which may have been set. */
  private static final Duration TOLERANCE = Duration.ofSeconds(2);

  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Path file;

  ProcessLedger(Path file) {
    this.file = file;
  }

  void add(Process process) {
    Optional<Instant> started = process.info().startInstant();
    if (started.isEmpty()) {
      return; // it has ended already
    }
    String line = process.pid() + " " + started.get().toEpochMilli() + "\n";
    try {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops what is still running; answers how many that were. */
  int stopLeftOvers() {
    List<ProcessHandle> left = running();
    left.forEach(ProcessHandle::destroy);
    Children.awaitEnds(left.stream(), GRACE);
    left.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    clear();
    return left.size();
  }

  private List<ProcessHandle> running() {
    List<ProcessHandle> running = new ArrayList<>();
    if (!Files.exists(file)) {
      return running;
    }
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.matches("[0-9]{1,10} [0-9]{1,15}")) {
          String[] parts = line.split(" ", 2);
          Instant started = Instant.ofEpochMilli(Long.parseLong(parts[1]));
          ProcessHandle.of(Long.parseLong(parts[0]))
              .filter(ProcessHandle::isAlive)
              .filter(process -> isSame(process, started))
              .ifPresent(running::add);
        }
      }
      return running;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSame(ProcessHandle process, Instant started) {
    return process
        .info()
        .startInstant()
        .filter(now -> Duration.between(started, now).abs().compareTo(TOLERANCE) <= 0)
        .isPresent();
  }

  void clear() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
