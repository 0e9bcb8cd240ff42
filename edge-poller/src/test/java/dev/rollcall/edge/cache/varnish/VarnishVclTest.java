// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.Client;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.HostileParameters;
import dev.rollcall.edge.fake.Varnish;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.selector.PathRegex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the VCL as it is shipped does with those who mean harm, and with those who spell oddly. */
final class VarnishVclTest {
  private static final String HOST = "www.acme.example";
  private static final String OTHER = "www.other.example";

  @TempDir private static Path home;
  private static FakeOrigin origin;
  private static VarnishBench bench;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Varnish.isInstalled(), Varnish.MISSING);
    origin = new FakeOrigin();
    bench = VarnishBench.start(home, origin, "");
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

  @ParameterizedTest(name = "{index}: {0}")
  @MethodSource(HostileParameters.ALL)
  void hostile_parameters_reach_no_other_configuration(String parameters) throws Exception {
    List<String> others = List.of("/", "/a", "/a?b=c", "/x/y.js", "/%22");
    for (String target : others) {
      bench.fill(OTHER, target);
    }

    for (String operation : List.of("purge", "invalidate", "load")) {
      bench.run(Executions.of("c", operation, parameters).widen());
    }

    for (String target : others) {
      assertThat(bench.get(OTHER, target).isHit()).as(target).isTrue();
    }
    assertThat(bench.varnish().childStarts()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "www.acme.example && obj.status != 0",
        "www.acme.example\t||",
        ".*",
        "www.acme.example,",
        "a.example|.*",
        "(",
        ""
      })
  void a_host_that_is_none_is_not_banned(String hosts) throws Exception {
    bench.fill(OTHER, "/h");

    Client.Answer answer =
        bench.send("BAN", HOST, "/", "X-Rollcall-Hosts: " + hosts, "X-Rollcall-Match: all");

    assertThat(answer.status()).isIn(200, 400);
    assertThat(bench.get(OTHER, "/h").isHit()).isTrue();
  }

  @Test
  void an_expression_with_white_space_is_not_banned() throws Exception {
    Client.Answer answer =
        bench.send(
            "BAN",
            HOST,
            "/",
            "X-Rollcall-Hosts: " + HOST,
            "X-Rollcall-Match: url",
            "X-Rollcall-Regex: ^/a && obj.status == 200");

    assertThat(answer.status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-For: 192.0.2.1",
        "Forwarded: for=192.0.2.1",
        "Via: 1.1 proxy",
        "X-Real-IP: 192.0.2.1",
        "X-Forwarded-Proto: https"
      })
  void what_came_through_a_proxy_may_not_purge(String header) throws Exception {
    bench.fill(HOST, "/proxy");

    assertThat(bench.send("PURGE", HOST, "/proxy", header).status()).isEqualTo(403);
    assertThat(bench.send("PURGE", HOST, "/proxy", header, "X-Rollcall-Poller: 1").status())
        .isEqualTo(403);
    assertThat(bench.send("BAN", HOST, "/", header, "X-Rollcall-Hosts: " + HOST).status())
        .isEqualTo(403);
    assertThat(bench.get(HOST, "/proxy").isHit()).isTrue();
  }

  @Test
  void clients_and_origins_cannot_say_what_an_object_is_kept_under() throws Exception {
    origin.page(
        "/forged",
        exchange -> {
          exchange.getResponseHeaders().set("X-Rollcall-Host", OTHER);
          exchange.getResponseHeaders().set("X-Rollcall-Url", "/elsewhere");
          exchange.getResponseHeaders().set("X-Rollcall-Vcl", "1");
          FakeOrigin.answer(exchange, 200, "asked " + origin.asked("/forged"));
        });
    Client.Answer answer =
        bench.get(
            HOST,
            "/forged",
            "X-Rollcall-Host: " + OTHER,
            "X-Rollcall-Url: /x",
            "X-Rollcall-Unfit: 1");

    assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("x-rollcall"));
    assertThat(bench.get(HOST, "/forged").isHit()).isTrue();

    bench.run(Executions.of("c", "purge", "{\"prefixes\": [\"https://www.acme.example/forged\"]}"));

    assertThat(bench.get(HOST, "/forged").isHit()).isFalse();
  }

  @ParameterizedTest(name = "{0}{1} is {2}")
  @CsvSource(
      delimiter = ' ',
      value = {
        "WWW.Acme.Example /odd1 /odd1",
        "www.acme.example. /odd2 /odd2",
        "www.acme.example:80 /odd3 /odd3",
        "www.acme.example:443 /odd4 /odd4",
        "www.acme.example /%7eodd5 /~odd5",
        "www.acme.example /odd6/%c3%a9%C3%A9 /odd6/%C3%A9%C3%A9",
        "www.acme.example /odd7?a[]=1|2 /odd7?a%5B%5D=1%7C2",
        "www.acme.example /odd8/%5f%2d /odd8/_-",
        "www.acme.example /odd9?{\"a\"} /odd9?%7B%22a%22%7D",
        "www.acme.example /odd10//b /odd10//b",
        "www.acme.example /odd11/%2f%2F /odd11/%2F%2F",
      })
  void other_spellings_are_the_same_object(String host, String target, String normal)
      throws Exception {
    bench.get(host, target);
    assertThat(bench.get(host, target).isHit()).isTrue();
    assertThat(bench.get(HOST, normal).isHit()).isTrue();

    bench.run(Executions.purge("c", "https://" + HOST + normal));

    assertThat(bench.get(host, target).isHit()).isFalse();
  }

  @ParameterizedTest(name = "{0}{1}")
  @CsvSource(
      delimiter = ' ',
      value = {
        "www.acme.example /unfit1/../a",
        "www.acme.example /unfit2/%2e%2e/a",
        "www.acme.example /unfit3/./a",
        "www.acme.example /unfit4/..%2fa",
        "www.acme.example /unfit5/%41",
        "www.acme.example /unfit6/%2E%2Fa/..",
        "www.acme.example /unfit7/%zz",
        "www.acme.example /unfit8/%4",
        "www.acme.example /unfit9/é",
        "www.acme.example /unfit10#a",
        "www.acme.example /unfit11/%0a",
        "www.acme.example:8080 /unfit12",
        "www..acme.example /unfit13",
        "acme_.example! /unfit14",
      })
  void what_no_purge_could_name_is_delivered_but_not_kept(String host, String target)
      throws Exception {
    assertThat(bench.get(host, target).status()).isIn(200, 400);
    assertThat(bench.get(host, target).isHit()).isFalse();
  }

  @Test
  void urls_are_kept_up_to_the_length_that_expressions_are_made_for() throws Exception {
    String longest = "/" + "k".repeat(BanRegex.LONGEST_URL - 1);
    bench.fill(HOST, longest);
    bench.get(HOST, longest + "k");

    assertThat(bench.get(HOST, longest + "k").isHit()).isFalse();
  }

  @Test
  void expressions_meet_what_they_should_and_never_the_match_limit() throws Exception {
    long seed = System.nanoTime();
    System.out.println("VarnishVclTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    int taken = 0;
    while (taken < 60) {
      PathRegex regex = RandomRegex.next(random);
      if (BanRegex.of(regex).isEmpty()) {
        continue;
      }
      taken++;
      List<String> targets = targets(random);
      for (String target : targets) {
        bench.get(HOST, target);
      }
      List<String> kept = targets.stream().filter(t -> hit(t)).toList();

      String parameters = "{\"regexes\": [" + Json.MAPPER.writeValueAsString(regex.regex()) + "]}";
      assertThat(bench.run(Executions.of("c", "purge", parameters)))
          .as("%s (seed %s)", regex.regex(), seed)
          .isInstanceOf(CacheReply.Done.class);

      Predicate<String> matcher = regex.matcher();
      for (String target : kept) {
        assertThat(hit(target))
            .as("%s against %s (seed %s)", regex.regex(), target, seed)
            .isEqualTo(!matcher.test(target));
      }
      assertThat(bench.varnish().childStarts())
          .as("%s (seed %s)", regex.regex(), seed)
          .isEqualTo(1);
    }
  }

  private static List<String> targets(RandomGenerator random) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      out.add("/" + RandomRegex.text(random, 12));
      String motif = RandomRegex.text(random, 4) + "a";
      String end = RandomRegex.text(random, 6);
      int times = (BanRegex.LONGEST_URL - 1 - end.length()) / motif.length();
      out.add("/" + motif.repeat(times) + end);
    }
    return out.stream().distinct().filter(t -> !t.contains("/.") || !t.contains("./")).toList();
  }

  private static boolean hit(String target) {
    try {
      return bench.get(HOST, target).isHit();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
