// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.server.batch.Batcher;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a settlement, after its commit and in transactions of its own: ends commands whose
 * counters are full, notes the first hand-out. Ends that a crash leaves undone here, upkeep finds;
 * a hand-out that could not be noted is noted with the first one at another server. Thread-safe.
 */
public final class Completion implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

  private static final int MOST_IN_BATCH = 1_000;
  private static final int MOST_WAITING = 100_000;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private final Pool pool;
  private final Metrics metrics;
  private final IntFunction<String> participantName;
  private final QueueListener listener;
  private final Batcher<Long, Boolean> ends;
  private final Batcher<Long, Boolean> starts;
  private final Cache<Long, Boolean> knownStarted =
      Caffeine.newBuilder().maximumSize(MOST_WAITING).build();

  /**
   * @param participantName for metrics; a number without a name is shown as such
   */
  public Completion(
      Pool pool, Metrics metrics, IntFunction<String> participantName, QueueListener listener) {
    this.pool = pool;
    this.metrics = metrics;
    this.participantName = participantName;
    this.listener = listener;
    this.ends = new Batcher<>(limits("complete"), metrics, seq -> seq, seq -> 1, this::complete);
    this.starts = new Batcher<>(limits("start"), metrics, seq -> seq, seq -> 1, this::markStarted);
  }

  private static Batcher.Limits limits(String name) {
    return new Batcher.Limits(name, 1, MOST_IN_BATCH, MOST_WAITING, LONGEST_WAIT);
  }

  public void start() {
    ends.start();
    starts.start();
  }

  /** Ends those of these commands of which all has ended; does not wait for it. */
  void mayHaveEnded(Collection<Long> seqs) {
    try {
      seqs.forEach(ends::handIn);
    } catch (Batcher.RefusedException e) {
      // The line is full or the server stops: upkeep finds these commands.
      LOG.info("left to upkeep: {}", e.getMessage());
    }
  }

  /** Notes that these commands were handed out; does not wait for it. */
  void started(Collection<Long> seqs) {
    List<Long> unknown =
        seqs.stream()
            .distinct()
            .filter(seq -> knownStarted.asMap().putIfAbsent(seq, true) == null)
            .toList();
    try {
      unknown.forEach(starts::handIn);
    } catch (Batcher.RefusedException e) {
      knownStarted.invalidateAll(unknown);
      LOG.info("first hand-outs of {} commands not noted: {}", unknown.size(), e.getMessage());
    }
  }

  /** Ends those of these commands of which all has ended, now; for one who was seen to be due. */
  public void finish(List<Long> seqs) {
    complete(seqs);
  }

  private List<Boolean> complete(List<Long> seqs) {
    List<Long> ended = pool.inTransaction(handle -> CommandStore.complete(handle, seqs));
    if (!ended.isEmpty()) {
      listener.completed(ended);
    }
    return seqs.stream().map(seq -> true).toList();
  }

  private List<Boolean> markStarted(List<Long> seqs) {
    long[] column = seqs.stream().mapToLong(Long::longValue).toArray();
    try {
      pool.inTransaction(handle -> CommandStore.markStarted(handle, column));
    } catch (RuntimeException e) {
      knownStarted.invalidateAll(seqs);
      throw e;
    }
    return seqs.stream().map(seq -> true).toList();
  }

  /** Adds to the metric of executions that ended. */
  void count(RollupStore.Deltas deltas) {
    deltas
        .byKey()
        .forEach((key, counts) -> {
          String participant = participantName.apply(key.participantId());
          counts.forEach((state, count) -> ended(participant, state).increment(count));
        });
  }

  private Counter ended(String participant, EndState state) {
    return metrics.counter(
        Meter.EXECUTIONS_ENDED, "participant", participant, "state", state.sql());
  }

  @Override
  public void close() {
    ends.close();
    starts.close();
  }
}
