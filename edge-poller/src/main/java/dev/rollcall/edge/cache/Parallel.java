// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Works off a list a few at a time. */
public final class Parallel {
  /** What is done with one item; what can go wrong is in the answer. */
  @FunctionalInterface
  public interface Step<A, B> {
    B apply(A item) throws InterruptedException;
  }

  private Parallel() {}

  /**
   * Answers in the order of the items.
   *
   * @throws InterruptedException after every step under way was interrupted too and has ended
   */
  public static <A, B> List<B> map(List<A> items, int width, Step<A, B> step)
      throws InterruptedException {
    var answers = new AtomicReferenceArray<B>(items.size());
    var next = new AtomicInteger();
    var fault = new AtomicReference<@Nullable RuntimeException>();
    Runnable worker =
        () -> {
          try {
            for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
              answers.set(i, step.apply(items.get(i)));
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (RuntimeException e) {
            fault.compareAndSet(null, e); // uncaught, it would end the process
          }
        };
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(width, items.size()); i++) {
      threads.add(Thread.ofVirtual().name("rollcall-cache-", i).start(worker));
    }
    joinAll(threads);
    RuntimeException thrown = fault.get();
    if (thrown != null) {
      throw thrown;
    }
    List<B> out = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      out.add(answered(answers.get(i)));
    }
    return out;
  }

  private static <B> B answered(@Nullable B answer) {
    if (answer == null) {
      throw new IllegalStateException("a step ended without an answer");
    }
    return answer;
  }

  private static void joinAll(List<Thread> threads) throws InterruptedException {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        thread.join(1_000);
      }
      throw e;
    }
  }
}
