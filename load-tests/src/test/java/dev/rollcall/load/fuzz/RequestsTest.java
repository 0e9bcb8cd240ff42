// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the generators make. */
final class RequestsTest {
  private static final Description DESCRIPTION = description();
  private static final Instant START = Instant.parse("2026-06-01T00:00:00Z");

  private static Description description() {
    try (InputStream in = RequestsTest.class.getResourceAsStream("/openapi.yaml")) {
      return Description.of(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Requests requests(long seed) {
    return new Requests(seed, START, 8, DESCRIPTION, kind -> List.of());
  }

  private static List<String> shown(long seed) {
    Requests requests = requests(seed);
    return IntStream.range(0, 2_000).mapToObj(n -> requests.number(n).toString()).toList();
  }

  @Test
  void a_seed_makes_the_same_requests_again_and_another_seed_others() {
    assertThat(shown(5)).isEqualTo(shown(5)).isNotEqualTo(shown(6));

    var hostile = new HostileRequests(5, List.of("a", "b", "c", "d"));
    assertThat(hostile.number(9).bytes()).isEqualTo(hostile.number(9).bytes());
    assertThat(hostile.number(9).bytes()).isNotEqualTo(hostile.number(10).bytes());
  }

  @Test
  void every_operation_of_the_description_is_asked() {
    Requests requests = requests(5);
    Set<String> asked =
        IntStream.range(0, 5_000)
            .mapToObj(n -> requests.number(n).operation())
            .collect(Collectors.toSet());

    assertThat(asked)
        .containsAll(DESCRIPTION.operations().stream().map(Description.Operation::name).toList());
  }

  @Test
  void callers_are_not_taken_out_of_the_registry() {
    Requests requests = requests(5);
    Set<String> removed =
        IntStream.range(0, 20_000)
            .mapToObj(requests::number)
            .filter(request -> request.method().equals("DELETE"))
            .map(FuzzRequest::path)
            .collect(Collectors.toSet());

    assertThat(removed)
        .contains("/v1/participants/three", "/v1/participants/one/servers/s2")
        .doesNotContain("/v1/participants/one", "/v1/participants/one/servers/s1");
  }
}
