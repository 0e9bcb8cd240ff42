// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathPatternTest {
  @ParameterizedTest(name = "{0} matches {1}: {2}")
  @CsvSource({
    "/a/*.js, /a/b.js, true",
    "/a/*.js, /a/b/c.js, true",
    "/a/*.js, /a/.js, true",
    "/a/*.js, /a/b.jsx, false",
    "/a/*.js, /A/b.js, false",
    "/a/?.js, /a/b.js, true",
    "/a/?.js, /a/bc.js, false",
    "/a/$*.js, /a/*.js, true",
    "/a/$*.js, /a/b.js, false",
    "/a$?b=*, /a?b=1, true",
    "/a?b=*, /a?b=1, true",
    "/a.js, /abjs, false",
    "/$$, /$, true",
    "*, /anything?at=all, true",
    "*/c, /a/b/c, true",
    "/a**c, /abc, true",
    "/%7euser/*, /~user/a, true",
    "/a/(b)+, /a/(b)+, true",
  })
  void a_glob_matches_the_whole(String pattern, String path, boolean matches)
      throws SelectorException {
    PathPattern glob = PathPattern.parse(pattern, true, true);

    assertThat(glob.matcher().test(path)).isEqualTo(matches);
    assertThat(Pattern.matches(glob.toAtomicRegex(), path)).isEqualTo(matches);
  }

  @Test
  void case_and_query_can_be_left_out_of_the_comparison() throws SelectorException {
    assertThat(PathPattern.parse("/A/*", false, true).matcher().test("/a/B")).isTrue();
    assertThat(PathPattern.parse("/a", true, false).matcher().test("/a?b=c")).isTrue();
    assertThat(PathPattern.parse("/a", true, true).matcher().test("/a?b=c")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a*",
        "?a",
        "/a b",
        "/a\"",
        "/a\n",
        "/$",
        "/$a",
        "/%zz",
        "/a*b*c*d*e*f*g*h*i*j*k*"
      })
  void a_malformed_glob_is_refused(String pattern) {
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> PathPattern.parse(pattern, true, true));
  }

  @Test
  void the_atomic_form_matches_exactly_what_the_plain_form_matches() throws SelectorException {
    long seed = System.nanoTime();
    System.out.println("PathPatternTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    for (int i = 0; i < 5_000; i++) {
      PathPattern glob = PathPattern.parse("/" + text(random, "ab*?", 8), true, true);
      String path = "/" + text(random, "ab", 10);
      assertThat(Pattern.matches(glob.toAtomicRegex(), path))
          .as("%s against %s (seed %s)", glob.pattern(), path, seed)
          .isEqualTo(glob.matcher().test(path));
    }
  }

  private static String text(RandomGenerator random, String alphabet, int most) {
    var out = new StringBuilder();
    int length = random.nextInt(most);
    for (int i = 0; i < length; i++) {
      out.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return out.toString();
  }
}
