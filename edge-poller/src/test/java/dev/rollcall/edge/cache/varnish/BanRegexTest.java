// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.selector.PathRegex;
import dev.rollcall.protocol.selector.SelectorException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BanRegexTest {
  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource(
      delimiter = ' ',
      value = {
        "^/a/.*\\.js$ ^/a/.*\\.js$",
        "/img/[a-z0-9_]+\\.(png|jpg)(\\?|$) /img/[a-z0-9_]++\\.(?:png|jpg)(?:\\?|$)",
        "^/a/[^/]+/b ^/a/[^/]++/b",
        "a.*b.*c (?:unused)",
        "^/a/.*/b/.*\\.js$ ^/a/(?>.*?/b/).*\\.js$",
        "^/a.* ^/a.*+",
        "^/[^?]*(\\?.*)?$ ^/[^?]*+(?:\\?.*+)?$",
        "(?i)/[a-z]+[0-9]*$ (?i)/[a-z]++[0-9]*+$",
      })
  void backtracking_is_taken_out_where_it_finds_nothing(String regex, String pcre)
      throws SelectorException {
    BanRegex ban = BanRegex.of(PathRegex.parse(regex)).orElseThrow();

    if (!pcre.equals("(?:unused)")) {
      assertThat(ban.pcre()).isEqualTo(pcre);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\.css$",
        "^/a/.*\\.(?:js|css)(\\?.*)?$",
        "\\.(?:png|jpe?g|gif|webp)(?:\\?.*)?$",
        "^/v\\d{1,3}/.*/img/.*\\.jpg$",
        "/\\w+/[^/]+/index\\.html",
        "^/(en|de|fr)/products/[0-9]+(/.*)?$",
        "(?i)^/a/.*/b/.*/c/.*\\.PDF",
        "page=[0-9]+(&|$)",
        "^/.*x.*y.*z",
      })
  void what_people_write_can_be_banned(String regex) throws SelectorException {
    assertThat(BanRegex.of(PathRegex.parse(regex))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x[ab]*[ac]*[bc]*d",
        "^/[a-z]*x[a-z]*y[a-z]*z",
        "^/.*[a-z]+[a-z0-9]+-.*[0-9]+[a-z0-9]*\\.js$",
        "^/[ab]*(?:ab)*a[ab]*c",
        "a{1,100}a{1,100}a{1,100}b",
      })
  void what_could_exceed_the_match_limit_is_refused(String regex) throws SelectorException {
    assertThat(BanRegex.of(PathRegex.parse(regex))).isEmpty();
  }

  @ParameterizedTest(name = "{0} begins with {1}")
  @CsvSource({
    "^/a/b\\.js, /a/b.js",
    "^/a/b?, /a/",
    "^/a/[b], /a/b",
    "^/a/.*, /a/",
    "/a/, /",
    "^/a|^/b, /",
    "(?i)^/a, /"
  })
  void the_literal_beginning_is_found(String regex, String prefix) throws SelectorException {
    assertThat(BanRegex.literalPrefix(PathRegex.parse(regex))).isEqualTo(prefix);
  }

  @Test
  void what_is_rewritten_matches_the_same_urls() {
    long seed = System.nanoTime();
    System.out.println("BanRegexTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      PathRegex regex = RandomRegex.next(random);
      var ban = BanRegex.of(regex);
      if (ban.isPresent()) {
        taken++;
        for (int j = 0; j < 20; j++) {
          String path = "/" + RandomRegex.text(random, 14);
          assertThat(Pattern.compile(ban.get().pcre()).matcher(path).find())
              .as("%s as %s against %s (seed %s)", regex.regex(), ban.get().pcre(), path, seed)
              .isEqualTo(regex.matcher().test(path));
        }
      }
    }
    assertThat(taken).isGreaterThan(2_000);
  }
}
