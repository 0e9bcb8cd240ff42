// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is accepted means one thing to every program that reads it after this one. */
final class HostileSelectorsTest {
  private static final int DRAWS = 50_000;
  private static final Pattern NORMAL =
      Pattern.compile("/(?:[!$&'()*+,./0-9:;=?@A-Z_a-z~-]|%[2-9A-F][0-9A-F])*");
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+");
  private static final Pattern CLIMBS = Pattern.compile("(/|%2F|%5C)\\.\\.?(/|%2F|%5C|$)");

  private static final List<String> PIECES =
      List.of(
          "a",
          "B",
          "1",
          "/",
          "//",
          ".",
          "..",
          "/../",
          "/./",
          "%2e",
          "%2E%2e",
          "%2f",
          "%5C",
          "%00",
          "%0a",
          "%7F",
          "%7e",
          "%41",
          "%25",
          "%252e",
          "%ff",
          "%C0%AE",
          "%",
          "%2",
          "%zz",
          "%u0041",
          "\\",
          "\"",
          "'",
          " ",
          "\t",
          "\r",
          "\n",
          "\u0000",
          "\u0085",
          "\u202e",
          "\ud800",
          "\udc00",
          "\ud83d\ude00",
          "é",
          "e\u0301",
          "ß",
          "\u212a",
          "\uff0f",
          "\uff0e",
          "?",
          "&",
          "=",
          "+",
          ";",
          ":",
          "@",
          "!",
          "$",
          "*",
          "(",
          ")",
          ",",
          "~",
          "|",
          "{",
          "}",
          "[",
          "]",
          "^",
          "`",
          "<",
          ">");

  private static final List<String> HOSTS =
      List.of(
          "a.example",
          "A.EXAMPLE",
          "a.example.",
          "a.example..",
          ".a.example",
          "a..example",
          "a",
          "a_b.example",
          "-a.example",
          "a-.example",
          "xn--mnchen-3ya.example",
          "m\u00fcnchen.example",
          "\u0430.example",
          "a\u3002example",
          "a\uff0eexample",
          "\uff41.example",
          "a\u00ad.example",
          "a\u200d.example",
          "\u212a.example",
          "stra\u00dfe.example",
          "127.0.0.1",
          "0x7f.0.0.1",
          "1.2.3.4.",
          "[::1]",
          "a.example:80",
          "a.example:443",
          "a.example:8080",
          "a.example:",
          "u@a.example",
          "a.example\u0000",
          "a.example\r\n",
          "a b.example",
          "a.example%00",
          "a%2eexample",
          "a.1",
          "a.0x1",
          "a\u2024example",
          "a/example",
          "x".repeat(64) + ".example");

  private final long seed = System.nanoTime();
  private final RandomGenerator random = new SplittableRandom(seed);

  private String text(int most) {
    var out = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      out.append(PIECES.get(random.nextInt(random.nextInt(3) > 0 ? 8 : PIECES.size())));
    }
    return out.toString();
  }

  @Test
  void a_url_that_is_accepted_is_in_a_form_that_stays_as_it_is() throws SelectorException {
    System.out.println("HostileSelectorsTest seed " + seed);
    int accepted = 0;
    for (int i = 0; i < DRAWS; i++) {
      String given = "https://" + HOSTS.get(random.nextInt(HOSTS.size())) + "/" + text(7);
      CacheUrl url;
      try {
        url = CacheUrl.parse(given);
      } catch (SelectorException e) {
        continue;
      }
      accepted++;
      String path = url.pathAndQuery();
      assertThat(url.host().name())
          .as("%s (seed %s)", given, seed)
          .matches(NAME)
          .doesNotMatch(".*\\.[0-9]+");
      assertThat(path).as("%s (seed %s)", given, seed).matches(NORMAL);
      assertThat(path.replaceFirst("\\?.*", ""))
          .as("%s (seed %s)", given, seed)
          .doesNotContainPattern(CLIMBS);
      assertThat(CacheUrl.parse(url.toString())).as("%s (seed %s)", given, seed).isEqualTo(url);
    }
    assertThat(accepted).isGreaterThan(DRAWS / 20);
  }

  @Test
  void a_pattern_that_is_accepted_is_no_more_than_a_glob_in_any_engine() {
    System.out.println("HostileSelectorsTest seed " + seed);
    int accepted = 0;
    for (int i = 0; i < DRAWS / 4; i++) {
      String given = "/" + text(6);
      PathPattern pattern;
      try {
        pattern = PathPattern.parse(given, random.nextBoolean(), random.nextBoolean());
      } catch (SelectorException e) {
        continue;
      }
      accepted++;
      assertThat(pattern.toAtomicRegex()).as("%s (seed %s)", given, seed).matches("[!-~]+");
      Pattern elsewhere = Pattern.compile(pattern.toAtomicRegex());
      for (int j = 0; j < 4; j++) {
        String path = "/" + text(6).replaceAll("[^!-~]|\\?", "");
        assertThat(elsewhere.matcher(path).find())
            .as("%s against %s (seed %s)", given, path, seed)
            .isEqualTo(pattern.matcher().test(path));
      }
    }
    assertThat(accepted).isGreaterThan(DRAWS / 80);
  }

  @ParameterizedTest(name = "{0} is not {1}")
  @CsvSource({
    "www.\u0430cme.example, www.acme.example",
    "www.acm\u0435.example, www.acme.example",
    "www.acme.ex\u0430mple, www.acme.example",
    "\u1e81ww.acme.example, www.acme.example"
  })
  void a_name_that_looks_alike_is_another_one(String homograph, String name)
      throws SelectorException {
    assertThat(HostName.parse(homograph).name()).contains("xn--").isNotEqualTo(name);
  }

  /** Full-width forms and other dots are the same name by the rules of international names. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\uff57\uff57\uff57.acme.example",
        "www\u3002acme\uff0eexample",
        "WWW.ACME.EXAMPLE."
      })
  void another_spelling_of_a_name_is_that_name(String spelling) throws SelectorException {
    assertThat(HostName.parse(spelling).name()).isEqualTo("www.acme.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "(a*)*b",
        "(a|aa)+$",
        "(a|a)*$",
        "([a-z]+)*x",
        "(.*a){20}",
        "(a?){50}a{50}",
        "((a{1,10}){1,10}){1,10}",
        "a*a*a*a*a*a*a*a*a*a*a*b",
        "(a)\\1",
        "(?=a)b",
        "(?<=a)b",
        "(?>a)b",
        "a++",
        "a*+",
        "(?R)",
        "(?1)",
        "(?P<n>a)",
        "(?i:a)",
        "a(?i)b",
        "(*UTF)a",
        "\\pL",
        "\\x{41}",
        "\\Qa\\E",
        "\\Aa\\z",
        "[[:alpha:]]",
        "[a&&b]",
        "a{,5}",
        "a{101}",
        "a{2}{3}"
      })
  void an_expression_that_is_slow_or_different_elsewhere_is_refused(String regex) {
    assertThatExceptionOfType(SelectorException.class).isThrownBy(() -> PathRegex.parse(regex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a*a*a*a*a*a*a*a*a*a*b",
        ".*.*.*.*.*.*.*.*.*.*x",
        "[ab]*[ac]*[bc]*a{100}b{100}c{100}d",
        "(?i)a{1,100}a{1,100}a{1,100}a{1,100}a{1,100}b"
      })
  void what_is_accepted_is_never_slow_here(String regex) throws SelectorException {
    var matcher = PathRegex.parse(regex).matcher();
    String longest = "/" + "a".repeat(CacheUrl.MAX_LENGTH);

    long start = System.nanoTime();
    boolean found = matcher.test(longest);

    assertThat(found).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }
}
