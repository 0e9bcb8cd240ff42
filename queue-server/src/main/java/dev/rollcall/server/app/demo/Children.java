// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Processes of one kind that end together: asked to first, killed after a while. Once closed it
 * starts no more, so none can slip in while the others are being stopped. Thread-safe.
 */
final class Children implements AutoCloseable {
  /** Longer than an edge poller takes at most to finish what is under way. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Duration KILLED = Duration.ofSeconds(2);
  private static final Set<String> PASSED_ON = Set.of("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL");
  private static final int TAIL = 5;

  /** One of them, with where it writes what it has to say. */
  record Child(String name, Process process, Path log) {
    boolean isAlive() {
      return process.isAlive();
    }

    /** The last lines of its log. */
    List<String> tail() {
      try {
        List<String> lines =
            new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
        return lines.subList(Math.max(lines.size() - TAIL, 0), lines.size());
      } catch (IOException e) {
        return List.of("(" + log + " cannot be read)");
      }
    }
  }

  private final ProcessLedger ledger;
  private final Duration grace;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final List<Child> started = new ArrayList<>();

  @GuardedBy("lock")
  private boolean closed;

  Children(ProcessLedger ledger) {
    this(ledger, GRACE);
  }

  /**
   * @param grace how long they may take to end by themselves
   */
  Children(ProcessLedger ledger, Duration grace) {
    this.ledger = ledger;
    this.grace = grace;
  }

  /**
   * @param environment besides the few variables that any program needs; none of this process's own
   *     settings reach a child
   * @throws DemoException when it cannot be started
   */
  Child start(String name, List<String> command, Map<String, String> environment, Path log) {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().keySet().retainAll(PASSED_ON);
    builder.environment().putAll(environment);
    lock.lock();
    try {
      if (closed) {
        throw new DemoException("the demo is being stopped");
      }
      var child = new Child(name, builder.start(), log);
      started.add(child);
      ledger.add(child.process());
      return child;
    } catch (IOException e) {
      throw new DemoException(command.getFirst() + " cannot be run: " + e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  /** How many were started. */
  int count() {
    return all().size();
  }

  private List<Child> all() {
    lock.lock();
    try {
      return List.copyOf(started);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    List<Process> running = all().stream().map(Child::process).filter(Process::isAlive).toList();
    List<ProcessHandle> below = running.stream().flatMap(Process::descendants).toList();
    running.forEach(Process::destroy);
    awaitEnds(running.stream().map(Process::toHandle), grace);
    Stream.concat(running.stream().map(Process::toHandle), below.stream())
        .filter(ProcessHandle::isAlive)
        .forEach(ProcessHandle::destroyForcibly);
    awaitEnds(running.stream().map(Process::toHandle), KILLED);
  }

  /** All of them together take no longer than the limit. */
  static void awaitEnds(Stream<ProcessHandle> processes, Duration limit) {
    CompletableFuture<?>[] ends =
        processes.map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(ends).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return; // what is still alive is killed next
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of a process cannot be waited for", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
