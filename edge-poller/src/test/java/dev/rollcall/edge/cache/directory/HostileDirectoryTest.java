// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.HostileDraw;
import dev.rollcall.edge.fake.HostileParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever parameters hold, nothing but the configuration's own directory is ever touched. */
final class HostileDirectoryTest {
  private static final int DRAWS = 2_500;
  private static final String HOST = Executions.HOST;
  private static final List<String> OPERATIONS = List.of("purge", "invalidate", "load");

  @TempDir private Path home;
  private Path root;
  private FakeOrigin origin;
  private DirectoryBench bench;
  private Map<String, String> others;

  @BeforeEach
  void start() throws IOException {
    root = Files.createDirectories(home.resolve("srv/content"));
    for (String file : List.of("srv/a", "srv/b/c", "a", "www.other.example/a", "etc/passwd")) {
      write(home.resolve(file));
    }
    for (String file : List.of("a", "b", "x/y.js", "{index}", "a?q=1")) {
      write(root.resolve("www.other.example").resolve(file));
      write(root.resolve("acme.example").resolve(file));
    }
    write(root.resolve("no host/a"));
    write(root.resolve("a"));
    origin = new FakeOrigin();
    bench = DirectoryBench.start(root, origin);
    others = others();
  }

  @AfterEach
  void stop() throws InterruptedException {
    bench.stop();
    origin.close();
  }

  private static void write(Path file) throws IOException {
    Files.createDirectories(ContentTree.parent(file));
    Files.writeString(file, "not to be touched");
  }

  /** All files and directories but the configuration's own, with what they hold and their time. */
  private Map<String, String> others() throws IOException {
    var out = new TreeMap<String, String>();
    try (Stream<Path> all = Files.walk(home)) {
      for (Path path : all.toList()) {
        boolean own =
            path.startsWith(root.resolve(HOST)) || path.startsWith(root.resolve(".rollcall"));
        if (!own) {
          boolean plain = Files.isRegularFile(path, NOFOLLOW_LINKS);
          // The root's own time moves when the configuration's directory comes and goes.
          String time =
              path.equals(root) ? "" : " " + Files.getLastModifiedTime(path, NOFOLLOW_LINKS);
          out.put(home.relativize(path).toString(), (plain ? Files.readString(path) : "") + time);
        }
      }
    }
    return out;
  }

  @ParameterizedTest(name = "{index}: {0}")
  @MethodSource(HostileParameters.ALL)
  void the_corpus_reaches_nothing_else(String parameters) throws Exception {
    for (String operation : OPERATIONS) {
      bench.run(Executions.of("c", operation, parameters).widen());
    }

    assertThat(others()).isEqualTo(others);
    assertThat(bench.own()).isEmpty();
  }

  @Test
  void nothing_drawn_reaches_anything_else() throws Exception {
    long seed = System.nanoTime();
    System.out.println("HostileDirectoryTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    var draw = new HostileDraw(random);
    long made = 0;
    for (int i = 0; i < DRAWS; i++) {
      boolean load = random.nextInt(12) > 0;
      String parameters = load ? draw.only("urls") : draw.parameters();
      String operation = load ? "load" : OPERATIONS.get(random.nextInt(2));
      bench.run(Executions.of("c", operation, parameters).widen());
      if (i % 100 == 0) {
        made = Math.max(made, bench.served().size());
        assertThat(others()).as("seed %s, up to draw %s", seed, i).isEqualTo(others);
      }
    }

    assertThat(others()).as("seed %s", seed).isEqualTo(others);
    assertThat(made).as("files were made, seed %s", seed).isGreaterThan(20);
    bench.run(Executions.of("c", "purge", "{\"everything\": true}"));
    assertThat(root.resolve(HOST)).as("all of it is found again, seed %s", seed).doesNotExist();
    assertThat(bench.own()).isEmpty();
  }

  @Test
  void links_in_the_way_lead_nowhere(@TempDir Path outside) throws Exception {
    for (String name : List.of("a", "b", "x/y.js")) {
      write(outside.resolve(name));
    }
    Path own = Files.createDirectories(root.resolve(HOST));
    Files.createSymbolicLink(own.resolve("b"), outside);
    Files.createSymbolicLink(own.resolve("a"), outside.resolve("a"));
    Files.createSymbolicLink(own.resolve("x"), root.resolve("www.other.example"));
    Files.createSymbolicLink(own.resolve("up"), Path.of("..", "..", ".."));
    long seed = System.nanoTime();
    System.out.println("HostileDirectoryTest links seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    List<String> paths = List.of("/a", "/b", "/b/a", "/b/x/y.js", "/x/a", "/x/y.js", "/up/a", "/");
    List<String> prefixes = List.of("/b/", "/x", "/up/srv", "/");
    for (int i = 0; i < 400; i++) {
      String path = paths.get(random.nextInt(paths.size()));
      String prefix = "https://" + HOST + prefixes.get(random.nextInt(prefixes.size()));
      switch (random.nextInt(4)) {
        case 0 -> bench.load(path);
        case 1 -> bench.purge(path);
        case 2 -> bench.run(Executions.of("c", "purge", "{\"prefixes\": [\"" + prefix + "\"]}"));
        default -> bench.run(Executions.of("c", "purge", "{\"regexes\": [\"y\"]}"));
      }
      if (random.nextInt(10) == 0) {
        link(own.resolve("b"), outside);
        link(own.resolve("x"), root.resolve("www.other.example"));
        link(own.resolve("a"), outside.resolve("a"));
      }
    }

    assertThat(others()).as("seed %s", seed).isEqualTo(others);
    for (String name : List.of("a", "b", "x/y.js")) {
      assertThat(outside.resolve(name)).as("seed %s", seed).hasContent("not to be touched");
    }
    try (Stream<Path> all = Files.walk(outside)) {
      assertThat(all.filter(Files::isRegularFile)).hasSize(3);
    }
  }

  private static void link(Path name, Path to) throws IOException {
    if (!Files.exists(name, NOFOLLOW_LINKS)) {
      Files.createDirectories(ContentTree.parent(name));
      Files.createSymbolicLink(name, to);
    }
  }
}
