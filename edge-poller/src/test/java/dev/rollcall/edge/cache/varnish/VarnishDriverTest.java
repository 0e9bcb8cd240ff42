// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.Varnish;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the driver does to a real Varnish that runs the VCL as it is shipped. */
final class VarnishDriverTest {
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

  @Test
  void after_a_load_the_url_is_a_hit_and_after_a_purge_a_miss() throws Exception {
    CacheReply loaded = bench.run(Executions.load("c1", url("/one/a?x=1"), url("/one/b")));

    assertThat(loaded).isEqualTo(new CacheReply.Done(Codes.LOADED, 2L, "2 URLs loaded", null));
    assertThat(bench.get(HOST, "/one/a?x=1").isHit()).isTrue();
    assertThat(bench.get(HOST, "/one/b").isHit()).isTrue();

    CacheReply purged = bench.run(Executions.purge("c2", url("/one/a?x=1")));

    assertThat(purged).isEqualTo(new CacheReply.Done(Codes.DELETED, 1L, "1 URLs, 0 bans", null));
    assertThat(bench.get(HOST, "/one/b").isHit()).isTrue();
    assertThat(bench.get(HOST, "/one/a?x=1").isHit()).isFalse();
  }

  @Test
  void a_purge_of_something_not_cached_is_done_with_no_objects() throws Exception {
    assertThat(bench.run(Executions.purge("c1", url("/never/seen"))))
        .isEqualTo(new CacheReply.Done(Codes.DELETED, 0L, "1 URLs, 0 bans", null));
  }

  @Test
  void prefixes_patterns_and_regexes_remove_what_they_cover_and_nothing_else() throws Exception {
    List<String> targets = List.of("/wide/a.js", "/wide/a.css?v=1", "/wide/b/c.js", "/widest", "/");
    assertThat(gone(targets, "{\"prefixes\": [\"https://www.acme.example/wide/\"]}"))
        .containsExactly("/wide/a.js", "/wide/a.css?v=1", "/wide/b/c.js");
    assertThat(gone(targets, "{\"patterns\": [\"/wide/*.js\"]}"))
        .containsExactly("/wide/a.js", "/wide/b/c.js");
    assertThat(
            gone(
                targets,
                "{\"patterns\": [{\"pattern\": \"/WIDE/?.CSS\", \"matchQueryString\": false}]}"))
        .containsExactly("/wide/a.css?v=1");
    assertThat(gone(targets, "{\"regexes\": [\"^/wide/[^/]+\\\\.(js|css)\"]}"))
        .containsExactly("/wide/a.js", "/wide/a.css?v=1");
    assertThat(
            gone(
                targets,
                "{\"regexes\": [\"^/$\"], \"urls\": [\"https://www.acme.example/widest\"]}"))
        .containsExactly("/widest", "/");
    assertThat(gone(targets, "{\"everything\": true}")).isEqualTo(targets);
  }

  private static List<String> gone(List<String> targets, String parameters) throws Exception {
    for (String target : targets) {
      bench.fill(HOST, target);
      bench.fill(OTHER, target);
    }

    CacheReply reply = bench.run(Executions.of("c1", "purge", parameters));

    assertThat(reply).isInstanceOf(CacheReply.Done.class);
    assertThat(targets).as("the other configuration's").allMatch(t -> hit(OTHER, t));
    return targets.stream().filter(t -> !hit(HOST, t)).toList();
  }

  private static boolean hit(String host, String target) {
    try {
      return bench.get(host, target).isHit();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void a_wildcard_host_covers_what_is_below_it_at_any_depth_but_not_itself() throws Exception {
    List<String> hosts =
        List.of("a.wild.example", "b.a.wild.example", "wild.example", "notwild.example");
    for (String host : hosts) {
      bench.fill(host, "/w");
    }

    bench.run(
        Executions.of("c1", "purge", "{\"everything\": true}")
            .in("alpha/wild", "*.wild.example", "x.example", "y.example"));

    assertThat(hosts.stream().filter(host -> !hit(host, "/w")))
        .containsExactly("a.wild.example", "b.a.wild.example");
  }

  @Test
  void every_variant_of_a_url_goes() throws Exception {
    origin.page(
        "/vary",
        exchange -> {
          exchange.getResponseHeaders().set("Vary", "Accept-Language");
          FakeOrigin.answer(exchange, 200, "varied");
        });
    for (String language : List.of("de", "en", "fr")) {
      bench.get(HOST, "/vary", "Accept-Language: " + language);
    }

    CacheReply reply = bench.run(Executions.purge("c1", url("/vary")));

    assertThat(reply).isEqualTo(new CacheReply.Done(Codes.DELETED, 3L, "1 URLs, 0 bans", null));
    for (String language : List.of("de", "en", "fr")) {
      assertThat(bench.get(HOST, "/vary", "Accept-Language: " + language).isHit()).isFalse();
    }
  }

  @Test
  void head_and_get_are_one_object() throws Exception {
    bench.fill(HOST, "/head");
    assertThat(bench.send("HEAD", HOST, "/head").isHit()).isTrue();

    bench.run(Executions.purge("c1", url("/head")));

    assertThat(bench.send("HEAD", HOST, "/head").isHit()).isFalse();
  }

  @Test
  void an_empty_query_is_another_object_than_none() throws Exception {
    bench.fill(HOST, "/query");
    bench.fill(HOST, "/query?");

    bench.run(Executions.purge("c1", url("/query?")));

    assertThat(bench.get(HOST, "/query").isHit()).isTrue();
    assertThat(bench.get(HOST, "/query?").isHit()).isFalse();
  }

  @Test
  void an_object_past_its_time_but_in_grace_goes_too() throws Exception {
    for (String target : List.of("/grace1", "/grace2")) {
      origin.page(
          target,
          exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "max-age=0, s-maxage=1");
            FakeOrigin.answer(exchange, 200, "asked " + origin.asked(target));
          });
      bench.get(HOST, target);
    }
    await("both are past their time").pollDelay(Duration.ofMillis(1_500)).until(() -> true);
    assertThat(bench.get(HOST, "/grace1").body()).as("not purged, in grace").isEqualTo("asked 1");

    bench.run(Executions.purge("c1", url("/grace2")));

    assertThat(bench.get(HOST, "/grace2").body()).isEqualTo("asked 2");
  }

  @Test
  void what_is_being_fetched_when_a_purge_comes_is_not_kept() throws Exception {
    var asked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    origin.page(
        "/busy",
        exchange -> {
          asked.countDown();
          release.await();
          FakeOrigin.answer(exchange, 200, "asked " + origin.asked("/busy"));
        });
    Thread client = Thread.ofVirtual().start(() -> hit(HOST, "/busy"));
    asked.await();

    var reply = new java.util.concurrent.CompletableFuture<CacheReply>();
    Thread.ofVirtual()
        .start(() -> reply.complete(bench.runUnchecked(Executions.purge("c", url("/busy")))));
    await("the purge waits for the fetch")
        .during(Duration.ofMillis(300))
        .until(() -> !reply.isDone());
    release.countDown();

    assertThat(reply.get()).isInstanceOf(CacheReply.Done.class);
    client.join();
    assertThat(bench.get(HOST, "/busy").body()).isEqualTo("asked 2");
  }

  @Test
  void what_is_being_fetched_when_a_ban_comes_is_banned_a_little_later() throws Exception {
    var asked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    origin.page(
        "/banned/busy",
        exchange -> {
          asked.countDown();
          release.await();
          FakeOrigin.answer(exchange, 200, "asked " + origin.asked("/banned/busy"));
        });
    Thread client = Thread.ofVirtual().start(() -> hit(HOST, "/banned/busy"));
    asked.await();

    bench.run(
        Executions.of("c1", "purge", "{\"prefixes\": [\"https://www.acme.example/banned/\"]}"));
    release.countDown();
    client.join();

    await("the ban was repeated")
        .until(() -> bench.get(HOST, "/banned/busy").body().equals("asked 2"));
    await("and does not meet what was fetched later")
        .during(Duration.ofMillis(1_500))
        .until(() -> bench.get(HOST, "/banned/busy").body().equals("asked 2"));
  }

  @Test
  void an_invalidated_object_is_validated_before_it_is_served_again() throws Exception {
    var changed = new AtomicBoolean();
    origin.page(
        "/soft",
        exchange -> {
          String tag = changed.get() ? "\"2\"" : "\"1\"";
          exchange.getResponseHeaders().set("ETag", tag);
          boolean same = List.of(tag).equals(exchange.getRequestHeaders().get("If-None-Match"));
          FakeOrigin.answer(exchange, same ? 304 : 200, same ? "" : "version " + tag);
        });
    bench.get(HOST, "/soft");

    CacheReply reply = bench.run(Executions.of("c1", "invalidate", Executions.urls(url("/soft"))));
    String first = bench.get(HOST, "/soft").body();
    changed.set(true);
    bench.run(Executions.of("c2", "invalidate", Executions.urls(url("/soft"))));
    String second = bench.get(HOST, "/soft").body();

    assertThat(reply).isEqualTo(new CacheReply.Done(Codes.INVALIDATED, 1L, "1 URLs, 0 bans", null));
    assertThat(origin.asked().stream().filter(a -> a.target().equals("/soft")))
        .extracting(a -> a.headers().getOrDefault("If-none-match", List.of()))
        .containsExactly(List.of(), List.of("\"1\""), List.of("\"1\""));
    assertThat(first).isEqualTo("version \"1\"");
    assertThat(second).isEqualTo("version \"2\"");
  }

  @Test
  void what_can_only_be_banned_is_invalidated_by_purging_it_where_that_is_allowed()
      throws Exception {
    bench.fill(HOST, "/widen/a");
    String prefix = "{\"prefixes\": [\"https://www.acme.example/widen/\"]}";

    CacheReply refused = bench.run(Executions.of("c1", "invalidate", prefix));
    boolean still = bench.get(HOST, "/widen/a").isHit();
    CacheReply widened = bench.run(Executions.of("c2", "invalidate", prefix).widen());

    assertThat(refused).isInstanceOf(CacheReply.Rejected.class);
    assertThat(refused.code()).isEqualTo(Codes.UNSUPPORTED);
    assertThat(still).isTrue();
    assertThat(widened.code()).isEqualTo(Codes.WIDENED);
    assertThat(((CacheReply.Done) widened).data())
        .hasToString("{\"widened\":[\"invalidate as purge, for all selectors but urls\"]}");
    assertThat(bench.get(HOST, "/widen/a").isHit()).isFalse();
  }

  @Test
  void a_regex_that_could_stop_varnish_is_refused_or_widened_to_its_beginning() throws Exception {
    bench.fill(HOST, "/regex/a");
    bench.fill(HOST, "/other");
    String regex = "{\"regexes\": [\"^/regex/[a-z]*x[a-z]*y[a-z]*z\"]}";

    CacheReply refused = bench.run(Executions.of("c1", "purge", regex));
    CacheReply widened = bench.run(Executions.of("c2", "purge", regex).widen());

    assertThat(refused.code()).isEqualTo(Codes.UNSUPPORTED);
    assertThat(refused.message()).contains("pcre2_match_limit");
    assertThat(widened.code()).isEqualTo(Codes.WIDENED);
    assertThat(bench.get(HOST, "/regex/a").isHit()).isFalse();
    assertThat(bench.get(HOST, "/other").isHit()).isTrue();
  }

  @Test
  void a_load_counts_what_the_cache_then_has_and_says_what_it_has_not() throws Exception {
    status("/load/404", 404, "max-age=600");
    status("/load/302", 302, "max-age=600");
    status("/load/301", 301, "max-age=600");
    status("/load/500", 500, "max-age=600");
    status("/load/private", 200, "no-store");

    assertThat(bench.run(Executions.load("c", url("/load/301"))))
        .isInstanceOf(CacheReply.Done.class);
    assertThat(bench.get(HOST, "/load/301").isHit()).isTrue();
    assertThat(bench.run(Executions.load("c", url("/load/404"))).code()).isEqualTo("status-404");
    assertThat(bench.run(Executions.load("c", url("/load/302"))).code()).isEqualTo("status-302");
    assertThat(bench.run(Executions.load("c", url("/load/500"), url("/load/ok"))))
        .isEqualTo(
            new CacheReply.Failed(
                "status-500",
                "1 of 2 URLs not loaded: https://www.acme.example/load/500: status 500",
                true));
    assertThat(bench.run(Executions.load("c", url("/load/private"))))
        .isEqualTo(
            new CacheReply.Failed(
                Codes.NOT_STORED,
                "1 of 1 URLs not loaded: https://www.acme.example/load/private: delivered, but"
                    + " Varnish does not keep it",
                false));
    assertThat(bench.run(Executions.load("c", url("/" + "l".repeat(1_900)))).code())
        .isEqualTo(Codes.NOT_STORED);
  }

  private static void status(String target, int status, String cacheControl) {
    origin.page(
        target,
        exchange -> {
          exchange.getResponseHeaders().set("Cache-Control", cacheControl);
          exchange.getResponseHeaders().set("Location", "https://www.acme.example/elsewhere");
          FakeOrigin.answer(exchange, status, "status " + status);
        });
  }

  @Test
  void many_hosts_share_a_ban() throws Exception {
    String[] hosts = new String[200];
    for (int i = 0; i < hosts.length; i++) {
      hosts[i] = "h" + i + ".a-rather-long-domain-name.example";
    }
    bench.fill(hosts[0], "/many");
    bench.fill(hosts[199], "/many");
    bench.fill("h200.a-rather-long-domain-name.example", "/many");

    CacheReply reply =
        bench.run(Executions.of("c", "purge", "{\"everything\": true}").in("alpha/many", hosts));

    assertThat(reply.message()).isEqualTo("0 URLs, 3 bans");
    assertThat(bench.get(hosts[0], "/many").isHit()).isFalse();
    assertThat(bench.get(hosts[199], "/many").isHit()).isFalse();
    assertThat(bench.get("h200.a-rather-long-domain-name.example", "/many").isHit()).isTrue();
  }

  @Test
  void a_check_finds_the_vcl() throws Exception {
    assertThat(bench.check().ok()).isTrue();
  }

  private static String url(String target) {
    return "https://" + HOST + target;
  }
}
