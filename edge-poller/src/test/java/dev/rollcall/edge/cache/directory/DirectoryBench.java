// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.config.Origin;
import dev.rollcall.edge.config.QuietHours;
import dev.rollcall.edge.execute.ExecutionsToTasks;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory, its driver, and what tests do with the two. */
final class DirectoryBench {
  static final String HOST = Executions.HOST;

  private final Path root;
  private final FakeOrigin origin;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T12:00:00Z"));
  private DirectoryDriver driver;

  private DirectoryBench(Path root, FakeOrigin origin, DirectoryDriver driver) {
    this.root = root;
    this.origin = origin;
    this.driver = driver;
  }

  static DirectoryBench start(Path root, FakeOrigin origin) throws IOException {
    var bench = new DirectoryBench(root, origin, driver(root, origin, null, Instant::now));
    bench.driver.start();
    return bench;
  }

  /** Purged files are erased from two to five, by a clock that the test sets. */
  static DirectoryBench quiet(Path root, FakeOrigin origin) throws IOException {
    var bench = new DirectoryBench(root, origin, driver(root, origin, null, Instant::now));
    bench.restart();
    return bench;
  }

  static DirectoryDriver driver(
      Path root, FakeOrigin origin, @Nullable QuietHours hours, InstantSource clock) {
    return new DirectoryDriver(
        new CacheConfig.Directory(
            root,
            Map.of("alpha/acme-www", new Origin(origin.address(), List.of())),
            hours,
            1_000_000),
        clock,
        "this test");
  }

  void restart() throws IOException {
    driver = driver(root, origin, QuietHours.parse("02:00-05:00", ZoneOffset.UTC), () -> now.get());
    driver.start();
  }

  void now(String instant) {
    now.set(Instant.parse(instant));
  }

  CacheReply run(Executions execution) throws InterruptedException {
    return ExecutionsToTasks.run(driver, execution.build());
  }

  CacheReply load(String... targets) throws InterruptedException {
    return run(Executions.load("load", urls(targets)));
  }

  CacheReply purge(String... targets) throws InterruptedException {
    return run(Executions.purge("purge", urls(targets)));
  }

  static String[] urls(String... targets) {
    return Stream.of(targets).map(t -> "https://" + HOST + t).toArray(String[]::new);
  }

  /** The files that are served, by their path below the root. */
  List<String> served() throws IOException {
    return files(root).filter(f -> !f.startsWith(".rollcall")).toList();
  }

  /** What the poller keeps for itself, but for its lock. */
  List<String> own() throws IOException {
    return files(root.resolve(".rollcall")).filter(f -> !f.equals("lock")).toList();
  }

  private static Stream<String> files(Path top) throws IOException {
    try (Stream<Path> all = Files.walk(top)) {
      return all
          .filter(f -> !Files.isDirectory(f, java.nio.file.LinkOption.NOFOLLOW_LINKS))
          .map(f -> top.relativize(f).toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  Optional<String> probe() {
    return driver.probe(() -> java.time.Duration.ofSeconds(5));
  }

  void stop() throws InterruptedException {
    driver.stop();
  }
}
