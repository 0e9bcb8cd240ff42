// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.server.registry.Participant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an exposure says to a command, however many servers it is asked for. */
final class WishTest {
  private static Permissions.Wish wish(String operation, String hosts) throws SelectorException {
    List<HostRule> rules = new ArrayList<>();
    for (String host : hosts.split(" ", -1)) {
      rules.add(HostRule.parse(host));
    }
    return new Permissions.Wish((short) 1, operation, rules);
  }

  private static Participant.Exposure exposure(String hosts) {
    return new Participant.Exposure(
        "alpha",
        "alpha",
        List.of("fra-01", "fra-02"),
        List.of("purge"),
        List.of(hosts.split(" ", -1)),
        null,
        "counts",
        null,
        false,
        null);
  }

  @ParameterizedTest(name = "{0} for {1}: {2}")
  @CsvSource({
    "*, www.a.example, true",
    "www.a.example, www.a.example, true",
    "www.a.example, img.a.example, false",
    "www.a.example, www.a.example img.a.example, false",
    "www.a.example img.a.example, www.a.example img.a.example, true",
    "*.a.example, www.a.example, true",
    "*.a.example, x.y.a.example, true",
    "*.a.example, a.example, false",
    "*.a.example, *.a.example, true",
    "*.a.example, *.x.a.example, true",
    "*.x.a.example, *.a.example, false",
    "www.a.example, *.a.example, false",
    "a.example, *.a.example, false",
    "*.a.example, www.ba.example, false"
  })
  void an_exposures_hosts_cover_all_that_is_touched_or_nothing_is_allowed(
      String exposed, String touched, boolean allowed) throws SelectorException {
    assertThat(wish("purge", touched).allowedOn(exposure(exposed)))
        .isEqualTo(allowed ? java.util.Set.of("fra-01", "fra-02") : java.util.Set.of());
  }

  @Test
  void another_operation_is_allowed_nowhere() throws SelectorException {
    assertThat(wish("load", "www.a.example").allowedOn(exposure("*"))).isEmpty();
  }

  @Test
  void an_exposure_is_decided_once() throws SelectorException {
    Permissions.Wish wish = wish("purge", "www.a.example");
    Participant.Exposure exposure = exposure("*.a.example");

    assertThat(wish.allowedOn(exposure)).isSameAs(wish.allowedOn(exposure));
  }

  @Test
  void wishes_that_are_alike_are_equal() throws SelectorException {
    Permissions.Wish wish = wish("purge", "www.a.example");
    assertThat(wish)
        .isEqualTo(wish("purge", "www.a.example"))
        .hasSameHashCodeAs(wish("purge", "www.a.example"));
    assertThat(wish)
        .isNotEqualTo(wish("load", "www.a.example"))
        .isNotEqualTo(wish("purge", "*.a.example"));
  }
}
