// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.lifecycle.Background;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The durable memory of one poller. Thread-safe.
 *
 * <p>What is written while a write is under way shares the next one, and so its flush to the disk:
 * a thousand results cost a few flushes and not a thousand.
 */
public final class Journal {
  private static final Log LOG = Log.of("journal");
  private static final long SMALLEST_REWRITE = 1 << 20;

  /** Entries for the file, and who waits for them. */
  private record Write(List<Entry> entries, boolean durable, CompletableFuture<Void> done) {}

  private final InstantSource clock;
  private final JournalFile file;
  private final Background writer;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Memory memory;

  @GuardedBy("lock")
  private List<Write> waiting = new ArrayList<>();

  @GuardedBy("lock")
  private boolean closed;

  private volatile boolean damaged;
  private long rewriteAt;

  private Journal(InstantSource clock, JournalFile file, Memory memory) {
    this.clock = clock;
    this.file = file;
    this.memory = memory;
    this.writer = new Background("journal", LOG, this::write);
  }

  /** Reads what the last process left, and makes the file whole again. */
  public static Journal open(Path directory, InstantSource clock) throws IOException {
    JournalFile.Content content = JournalFile.read(directory);
    var file = new JournalFile(directory);
    if (content.reason() != null) {
      file.keepDamaged();
      LOG.warn(
          "dropped what could not be read of the journal",
          "reason",
          content.reason(),
          "bytes",
          content.dropped(),
          "kept",
          content.entries().size(),
          "copy",
          directory.resolve(JournalFile.DAMAGED));
    }
    var memory = new Memory();
    content.entries().forEach(memory::apply);
    memory.forget(clock.instant());
    file.rewrite(memory.entries());
    var journal = new Journal(clock, file, memory);
    journal.rewriteAt = journal.nextRewrite();
    journal.writer.start();
    return journal;
  }

  /** How many bytes it takes in a directory; none if it was never written. */
  public static long size(Path directory) throws IOException {
    return JournalFile.size(directory);
  }

  /** What stands in a directory, without opening it for writing. */
  public static Backlog peek(Path directory) throws IOException {
    var memory = new Memory();
    JournalFile.read(directory).entries().forEach(memory::apply);
    return memory.backlog();
  }

  /** Records leases; when this returns they are on the disk, and may be executed. */
  public void received(List<HeldLease> leases) throws JournalException, InterruptedException {
    List<Entry> entries = leases.stream().<Entry>map(Entry.Held::new).toList();
    await(add(entries, true));
  }

  /**
   * Records a result.
   *
   * @param recorded run once it is on the disk, or could not be brought there: then it is owed all
   *     the same, from memory
   */
  public void finished(ResultItem result, Runnable recorded) {
    Instant until;
    synchronized (lock) {
      until = memory.usefulUntil(LeaseId.of(result), clock.instant());
    }
    var _ =
        add(List.of(new Entry.Finished(result, until)), true)
            .whenComplete((_, _) -> recorded.run());
  }

  /**
   * Forgets results that have a verdict. Not flushed: at worst they are reported once more, and
   * found to be duplicates.
   */
  public void settled(Collection<LeaseId> ids) {
    if (!ids.isEmpty()) {
      var _ = add(ids.stream().<Entry>map(Entry.Settled::new).toList(), false);
    }
  }

  /** The result of an execution that succeeded here, under whatever lease. */
  public Optional<ResultItem> succeeded(String command) {
    synchronized (lock) {
      return memory.succeeded(command);
    }
  }

  /** Leases without a result; after {@link #open}: those that the last process was working on. */
  public List<HeldLease> held() {
    synchronized (lock) {
      return memory.held();
    }
  }

  /** Results without a verdict, oldest first. */
  public List<ResultItem> owed() {
    synchronized (lock) {
      return memory.owed();
    }
  }

  public Backlog backlog() {
    synchronized (lock) {
      return memory.backlog();
    }
  }

  /** Whether new leases can be recorded; tries, if the last write failed. */
  public boolean writable() throws InterruptedException {
    if (!damaged) {
      return true;
    }
    try {
      await(add(List.of(), true));
      return true;
    } catch (JournalException e) {
      return false;
    }
  }

  /** As after a failed write: the next one rewrites the file. For tests. */
  void failNextWrite() {
    damaged = true;
  }

  /** Waits until all that was recorded so far is on the disk, or could not be brought there. */
  public void flush() throws InterruptedException {
    try {
      await(add(List.of(), true));
    } catch (JournalException e) {
      LOG.warn("the journal could not be flushed", "reason", e.getMessage());
    }
  }

  private static void await(CompletableFuture<Void> done)
      throws JournalException, InterruptedException {
    try {
      done.get();
    } catch (ExecutionException e) {
      throw new JournalException(
          e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
    }
  }

  private CompletableFuture<Void> add(List<Entry> entries, boolean durable) {
    var write = new Write(entries, durable, new CompletableFuture<>());
    synchronized (lock) {
      entries.forEach(memory::apply);
      if (closed) {
        write.done.completeExceptionally(new IOException("the journal is closed"));
      } else {
        waiting.add(write);
        lock.notifyAll();
      }
    }
    return write.done;
  }

  /** One turn of the writer. */
  private void write() throws InterruptedException {
    List<Write> writes;
    List<Entry> whole = null;
    synchronized (lock) {
      while (waiting.isEmpty()) {
        if (closed) {
          writer.finish();
          return;
        }
        lock.wait();
      }
      writes = waiting;
      waiting = new ArrayList<>();
      if (damaged || file.size() > rewriteAt) {
        memory.forget(clock.instant());
        whole = memory.entries(); // holds what is in the writes: they were applied first
      }
    }
    Exception failure = written(writes, whole);
    for (Write write : writes) {
      if (failure == null) {
        write.done.complete(null);
      } else {
        write.done.completeExceptionally(failure);
      }
    }
  }

  private @Nullable Exception written(List<Write> writes, @Nullable List<Entry> whole) {
    try {
      if (whole == null) {
        List<Entry> entries = writes.stream().flatMap(w -> w.entries.stream()).toList();
        file.append(entries, writes.stream().anyMatch(Write::durable));
      } else {
        file.rewrite(whole);
        rewriteAt = nextRewrite();
      }
      if (damaged) {
        LOG.info("the journal can be written again");
      }
      damaged = false;
      return null;
    } catch (IOException | RuntimeException e) { // whatever it is, somebody waits for the answer
      if (!damaged) {
        LOG.warn(
            "the journal cannot be written; no work is taken until it can",
            "reason",
            e instanceof IOException io ? IoReason.of(io) : e);
      }
      damaged = true;
      return e;
    }
  }

  private long nextRewrite() {
    return Math.max(SMALLEST_REWRITE, 3 * file.size());
  }

  /** Writes what waits, then closes the file. */
  public void close() throws IOException, InterruptedException {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    writer.join(Duration.ofSeconds(2));
    file.close();
  }
}
