// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many tasks at once on few names that are files and directories by turns. */
final class DirectoryRaceTest {
  private static final List<String> TARGETS =
      List.of("/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/a?q", "/a/b?q", "/a//b");

  @TempDir private Path root;

  @Test
  void loads_and_purges_at_the_same_time_leave_nothing_behind() throws Exception {
    long seed = System.nanoTime();
    System.out.println("DirectoryRaceTest seed " + seed);
    try (var origin = new FakeOrigin()) {
      DirectoryBench bench = DirectoryBench.start(root, origin);
      var failures = new ConcurrentLinkedQueue<CacheReply>();
      var gate = new CountDownLatch(1);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        var random = new SplittableRandom(seed + i);
        threads.add(Thread.ofVirtual().start(() -> storm(bench, random, gate, failures)));
      }
      gate.countDown();
      for (Thread thread : threads) {
        thread.join();
      }

      assertThat(failures).as("seed %s", seed).isEmpty();
      bench.load(TARGETS.toArray(String[]::new));
      assertThat(bench.served()).hasSize(TARGETS.size());
      assertThat(bench.run(Executions.of("c", "purge", "{\"everything\": true}")))
          .extracting("objects")
          .isEqualTo((long) TARGETS.size());
      assertThat(bench.served()).isEmpty();
      assertThat(bench.own()).isEmpty();
      bench.stop();
    }
  }

  private static void storm(
      DirectoryBench bench,
      SplittableRandom random,
      CountDownLatch gate,
      ConcurrentLinkedQueue<CacheReply> failures) {
    try {
      gate.await();
      for (int i = 0; i < 400; i++) {
        String target = TARGETS.get(random.nextInt(TARGETS.size()));
        CacheReply reply =
            switch (random.nextInt(4)) {
              case 0 -> bench.purge(target);
              case 1 -> bench.run(Executions.of("c", "purge", "{\"everything\": true}"));
              default -> bench.load(target);
            };
        if (!(reply instanceof CacheReply.Done) && !reply.code().equals("purged")) {
          failures.add(reply);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
