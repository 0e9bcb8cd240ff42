// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.HostileDraw;
import dev.rollcall.edge.fake.Varnish;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.protocol.selector.Selectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Varnish removes is what the protocol's own matchers say, and nothing else. */
final class VarnishDifferenceTest {
  private static final String HOST = Executions.HOST;
  private static final String OTHER = "www.other.example";
  private static final int ROUNDS = 150;

  @TempDir private static Path home;
  private static FakeOrigin origin;
  private static VarnishBench bench;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Varnish.isInstalled(), Varnish.MISSING);
    origin = new FakeOrigin();
    bench = VarnishBench.startWithoutRepeats(home, origin);
  }

  @AfterAll
  static void stop() throws Exception {
    if (bench != null) {
      bench.stop();
    }
    if (origin != null) {
      origin.close();
    }
  }

  @Test
  void what_is_removed_is_what_the_matchers_say() throws Exception {
    long seed = System.nanoTime();
    System.out.println("VarnishDifferenceTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    var draw = new HostileDraw(random);
    int rounds = 0;
    int removed = 0;
    while (rounds < ROUNDS) {
      String kind = List.of("urls", "prefixes", "patterns", "regexes").get(random.nextInt(4));
      String parameters = draw.only(kind);
      Selectors selectors = selectors(parameters);
      if (selectors == null || !ours(selectors) || selectors.toJson().toString().length() > 4_000) {
        continue;
      }
      rounds++;
      Set<String> targets = targets(selectors, draw, random);
      List<String> kept = filled(targets);

      CacheReply reply = bench.run(Executions.of("c", "purge", parameters));

      boolean done = reply instanceof CacheReply.Done;
      assertThat(reply).isInstanceOfAny(CacheReply.Done.class, CacheReply.Rejected.class);
      for (String target : kept) {
        boolean selected = done && selects(selectors, target);
        removed += selected ? 1 : 0;
        assertThat(hit(HOST, target))
            .as("%s against %s (seed %s)", parameters, target, seed)
            .isEqualTo(!selected);
        assertThat(hit(OTHER, target)).as("another's %s", target).isTrue();
      }
    }
    assertThat(bench.varnish().childStarts()).isEqualTo(1);
    assertThat(removed).as("of what was kept something was selected").isGreaterThan(ROUNDS / 2);
  }

  private static @org.jspecify.annotations.Nullable Selectors selectors(String parameters) {
    var problems = new Problems();
    Fields fields =
        Fields.of(Json.parse(parameters.getBytes(StandardCharsets.UTF_8)), "", problems);
    Selectors out = Selectors.read(fields, problems);
    return problems.count() == 0 ? out : null;
  }

  private static boolean ours(Selectors selectors) {
    return selectors.hosts().stream().allMatch(host -> host.name().equals(HOST));
  }

  private static boolean selects(Selectors selectors, String target) {
    return selectors.urls().stream().anyMatch(url -> url.pathAndQuery().equals(target))
        || selectors.prefixes().stream().anyMatch(p -> target.startsWith(p.pathAndQuery()))
        || selectors.patterns().stream().anyMatch(p -> p.matcher().test(target))
        || selectors.regexes().stream().anyMatch(r -> r.matcher().test(target));
  }

  /** What is selected, what lies beside it, and anything. */
  private static Set<String> targets(
      Selectors selectors, HostileDraw draw, RandomGenerator random) {
    Set<String> out = new LinkedHashSet<>();
    selectors.urls().forEach(url -> around(out, url.pathAndQuery()));
    selectors.prefixes().forEach(prefix -> around(out, prefix.pathAndQuery()));
    selectors
        .patterns()
        .forEach(pattern -> around(out, literal(pattern.pattern().replaceAll("\\$(.)", "$1"))));
    selectors.patterns().forEach(p -> around(out, literal(p.pattern().replace("*", "a/b"))));
    selectors.regexes().forEach(regex -> around(out, literal(regex.regex())));
    for (int i = 0; i < 6; i++) {
      add(out, "/" + RandomPath.next(random));
    }
    Selectors others = selectors(draw.only("urls"));
    if (others != null) {
      others.urls().forEach(url -> add(out, url.pathAndQuery()));
    }
    return out;
  }

  private static String literal(String text) {
    return text.startsWith("/") ? text : "/" + text;
  }

  private static void around(Set<String> out, String target) {
    add(out, target);
    add(out, target + "a");
    add(out, target + "/b?c");
    add(out, target.length() > 2 ? target.substring(0, target.length() - 1) : "/a");
    add(out, target.toUpperCase(java.util.Locale.ROOT));
    add(out, "/x" + target);
  }

  /** In normal form; what has none is left out. */
  private static void add(Set<String> out, String target) {
    try {
      out.add(CacheUrl.parse("https://" + HOST + target).pathAndQuery());
    } catch (SelectorException e) {
      // No object can be called so.
    }
  }

  /** Short paths over what means something to an expression, a ban or a file system. */
  private static final class RandomPath {
    private static final List<String> PIECES =
        List.of("a", "b", "B", "1", "/", ".js", "~", "(", ")", "+", "*", "$", "&&", "!", "'", ",");

    static String next(RandomGenerator random) {
      var out = new StringBuilder();
      for (int i = random.nextInt(6); i >= 0; i--) {
        out.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      return out.toString();
    }
  }

  /** Those that are kept: an origin may refuse a target that looks strange to it. */
  private static List<String> filled(Set<String> targets) throws IOException {
    List<String> out = new ArrayList<>();
    for (String target : targets) {
      bench.get(HOST, target);
      bench.get(OTHER, target);
      if (hit(HOST, target) && hit(OTHER, target)) {
        out.add(target);
      }
    }
    return out;
  }

  private static boolean hit(String host, String target) {
    try {
      return bench.get(host, target).isHit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
