// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.edge.fake.Varnish;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * From the REST call to the byte that a client gets, with a real Varnish at each of two operators.
 */
final class VarnishJourneyIT {
  private static final String WWW = "www.acme.example";
  private static final String OTHER = "www.other.example";

  @TempDir static Path home;
  private static @Nullable TwoOperators federation;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Varnish.isInstalled(), Varnish.MISSING);
    federation = TwoOperators.start(home);
  }

  @AfterAll
  static void stop() throws IOException {
    if (federation != null) {
      federation.close();
    }
  }

  private static TwoOperators federation() {
    return java.util.Objects.requireNonNull(federation);
  }

  private static void load(String... targets) throws IOException {
    String urls =
        String.join(
            ", ", List.of(targets).stream().map(t -> "\"https://" + WWW + t + "\"").toList());
    federation().complete("load", "{\"urls\": [" + urls + "]}");
  }

  private static boolean isHit(String server, String host, String target) throws IOException {
    return federation().get(server, host, target).isHit();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "url        | {\"urls\": [\"https://www.acme.example/by-url/a.js\"]}     |"
            + " /by-url/a.js?v=1",
        "prefix     | {\"prefixes\": [\"https://www.acme.example/by-prefix/\"]}  | /by-prefi/a.js",
        "regex      | {\"regexes\": [\"^/by-regex/[a-c][.]js$\"]}                | /by-regex/d.js",
        "pattern    | {\"patterns\": [\"/by-pattern/*.js\"]}                     |"
            + " /by-pattern/a.css",
        "everything | {\"everything\": true}                                     |"
      })
  void after_a_load_it_is_a_hit_and_after_a_purge_a_miss(
      String kind, String parameters, @Nullable String beside) throws IOException {
    String target = "/by-" + kind + "/a.js";
    load(target);
    if (beside != null) {
      load(beside);
    }
    for (String server : TwoOperators.SERVERS) {
      assertThat(isHit(server, WWW, target)).as("%s after the load", server).isTrue();
      federation().get(server, OTHER, target);
    }

    JsonNode purged = federation().complete("purge", parameters);

    assertThat(purged.path("totals").path("succeeded").asInt()).isEqualTo(2);
    assertThat(purged.path("participants").valueStream().map(p -> p.path("state").asString()))
        .containsExactly("complete", "complete");
    for (String server : TwoOperators.SERVERS) {
      assertThat(isHit(server, OTHER, target)).as("%s, other configuration", server).isTrue();
      if (beside != null) {
        assertThat(isHit(server, WWW, beside)).as("%s, what was not meant", server).isTrue();
      }
      assertThat(isHit(server, WWW, target)).as("%s after the purge", server).isFalse();
    }
  }

  @Test
  void a_purge_of_what_is_not_cached_succeeds_with_0_objects() throws IOException {
    JsonNode purged =
        federation().complete("purge", "{\"urls\": [\"https://" + WWW + "/never-asked-for\"]}");

    for (String server : TwoOperators.SERVERS) {
      JsonNode execution = federation().execution(purged.path("id").asString(), server);
      assertThat(execution.path("state").asString()).isEqualTo("succeeded");
      assertThat(execution.path("objects").asInt(-1)).isZero();
    }
  }

  @Test
  void what_is_for_a_cache_that_is_down_waits_and_is_done_when_it_is_back() throws Exception {
    String down = TwoOperators.SERVERS.getFirst();
    federation().stopCache(down);

    String id = federation().submit("purge", "{\"urls\": [\"https://" + WWW + "/heals\"]}");
    await("the poller notices")
        .atMost(Duration.ofSeconds(30))
        .until(() -> federation().logOfPoller(down).contains("the cache cannot be reached"));
    await("it is given back")
        .atMost(Duration.ofSeconds(30))
        .until(() -> stateOf(id, down).equals("pending"));
    await("the other does its part")
        .atMost(Duration.ofSeconds(30))
        .until(() -> stateOf(id, TwoOperators.SERVERS.getLast()).equals("succeeded"));
    assertThat(federation().command(id).path("completedAt").isNull()).isTrue();
    federation().startCacheAgain(down);

    JsonNode ended = federation().awaitEnd(id);
    assertThat(ended.path("state").asString()).isEqualTo("complete");
    assertThat(ended.path("totals").path("succeeded").asInt()).isEqualTo(2);
    assertThat(federation().execution(id, down).path("attempt").asInt())
        .as("one may be spent on a connection that was kept and breaks off")
        .isBetween(1, 2);
  }

  private String stateOf(String id, String server) throws IOException {
    return federation().execution(id, server).path("state").asString();
  }

  @Test
  void an_operation_that_no_poller_knows_is_rejected_by_each() throws IOException {
    federation().defineOperation("warm-up", "{\"type\": \"object\"}");

    JsonNode ended = federation().awaitEnd(federation().submit("warm-up", "{}"));

    assertThat(ended.path("state").asString()).isEqualTo("failed");
    assertThat(ended.path("totals").path("rejected").asInt()).isEqualTo(2);
    for (String server : TwoOperators.SERVERS) {
      assertThat(
              federation().execution(ended.path("id").asString(), server).path("code").asString())
          .isEqualTo("unsupported");
    }
  }
}
