// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Work in a thread of its own, and a wait for it that ends. */
final class Later {
  /** Far more than anything here takes, far less than a poll that nobody wakes. */
  private static final int SECONDS = 25;

  private Later() {}

  static <T> CompletableFuture<T> run(Supplier<T> work) {
    var answer = new CompletableFuture<T>();
    Thread.ofVirtual()
        .name("later")
        .start(() -> {
          try {
            answer.complete(work.get());
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  static <T> T within(CompletableFuture<T> work) {
    try {
      return work.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("it failed", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("nothing within " + SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
