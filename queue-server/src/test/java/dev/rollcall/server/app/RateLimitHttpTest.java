// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Callers beyond their rate. */
final class RateLimitHttpTest {
  @RegisterExtension
  static final ServerExtension server =
      new ServerExtension(Map.of("requests-per-minute", "30", "edge-requests-per-minute", "4"));

  /** How many of so many requests were answered before the first that was not. */
  private static int answered(Api api, String method, String path, String body, int tries) {
    for (int i = 0; i < tries; i++) {
      Api.Answer answer = api.send(method, path, body, Map.of("Content-Type", "application/json"));
      if (answer.status() == 429) {
        answer.problem(429, "rate-limited");
        assertThat(Integer.parseInt(String.valueOf(answer.headers().get("Retry-After"))))
            .isBetween(1, 60);
        return i;
      }
      answer.status(200);
    }
    return tries;
  }

  @Test
  void a_participant_has_one_rate_however_many_tokens_it_has_and_others_have_theirs() {
    Federation federation = Federation.apply(server);
    Api first = federation.as("participant", "alpha");
    Api second = federation.as("reporter", "alpha");
    Api customer = federation.as("customer", "alpha/acme");
    Api edge = federation.edge("alpha/lax-01");
    Api other = federation.as("participant", "beta");

    assertThat(answered(first, "GET", "/v1/commands", "", 20)).isEqualTo(20);
    assertThat(answered(second, "GET", "/v1/commands", "", 40)).isBetween(10, 15);
    first.get("/v1/commands").problem(429, "rate-limited");

    customer.get("/v1/commands").status(200);
    other.get("/v1/commands").status(200);
    assertThat(answered(edge, "POST", "/v1/edge/poll", "{\"capacity\": 0}", 9)).isBetween(4, 5);
    federation.poller("alpha/lax-02").lease(1);
    server.as("").get("/healthz").status(200);
  }
}
