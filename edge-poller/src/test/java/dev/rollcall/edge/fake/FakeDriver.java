// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import dev.rollcall.edge.cache.Abilities;
import dev.rollcall.edge.cache.Abilities.Ability;
import dev.rollcall.edge.cache.Abilities.Manner;
import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.CacheTask;
import dev.rollcall.edge.cache.Operation;
import dev.rollcall.edge.cache.SelectorKind;
import dev.rollcall.edge.cache.TimeLimit;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cache of which a test decides what becomes of each URL. Can purge anything, invalidate only
 * wider, and cannot load.
 */
public final class FakeDriver implements CacheDriver {
  @FunctionalInterface
  public interface Behaviour {
    CacheReply run(CacheTask task, TimeLimit limit) throws InterruptedException;
  }

  @FunctionalInterface
  public interface Probe {
    Optional<String> run() throws InterruptedException;
  }

  private static final Abilities ABILITIES =
      new Abilities.Builder()
          .with(Operation.PURGE, EnumSet.allOf(SelectorKind.class), new Ability(Manner.EXACT, true))
          .with(Operation.INVALIDATE, Set.of(SelectorKind.URLS), new Ability(Manner.WIDER, true))
          .build();

  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final List<String> executed = new CopyOnWriteArrayList<>();
  private final AtomicInteger probes = new AtomicInteger();
  private volatile @Nullable String away;
  private volatile Probe probe = () -> Optional.ofNullable(away);

  /** For tasks whose first URL has this path. */
  public void on(String path, Behaviour behaviour) {
    behaviours.put(path, behaviour);
  }

  public static CacheReply done() {
    return new CacheReply.Done("deleted", 1L, "done", null);
  }

  /** Done as soon as the gate is open. */
  public static Behaviour doneAfter(CountDownLatch gate) {
    return (task, limit) -> {
      gate.await();
      return done();
    };
  }

  public static CacheReply failed(boolean retry) {
    return new CacheReply.Failed("down", "is down", retry);
  }

  /** The first path of each task, in the order in which they began. */
  public List<String> executed() {
    return List.copyOf(executed);
  }

  @Override
  public Abilities abilities() {
    return ABILITIES;
  }

  @Override
  public CacheReply execute(CacheTask task, TimeLimit limit) throws InterruptedException {
    String path =
        task.selectors().urls().isEmpty() ? "*" : task.selectors().urls().getFirst().pathAndQuery();
    executed.add(path);
    Behaviour behaviour = behaviours.get(path);
    String why = away;
    if (why != null && behaviour == null) {
      return new CacheReply.Unreachable("unreachable", why, false);
    }
    return behaviour == null ? done() : behaviour.run(task, limit);
  }

  /** From now on it cannot be reached, so that every task is told this; null: it can. */
  public void away(@Nullable String why) {
    away = why;
  }

  /** How often it was probed. */
  public int probes() {
    return probes.get();
  }

  /** One whose probes a test answers. */
  public static FakeDriver probedBy(Probe probe) {
    var driver = new FakeDriver();
    driver.probe = probe;
    return driver;
  }

  @Override
  public Optional<String> probe(TimeLimit limit) throws InterruptedException {
    probes.incrementAndGet();
    return probe.run();
  }

  @Override
  public Check check(TimeLimit limit) {
    return new Check(true, List.of());
  }
}
