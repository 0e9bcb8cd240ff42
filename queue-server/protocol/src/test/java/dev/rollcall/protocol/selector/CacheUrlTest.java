// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CacheUrlTest {
  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "https://www.acme.example/a.js|https://www.acme.example/a.js",
        "HTTP://WWW.Acme.EXAMPLE/A.js|http://www.acme.example/A.js",
        "https://www.acme.example|https://www.acme.example/",
        "https://www.acme.example?x=1|https://www.acme.example/?x=1",
        "https://www.acme.example./a|https://www.acme.example/a",
        "https://www.acme.example:443/a|https://www.acme.example/a",
        "http://www.acme.example:80/a|http://www.acme.example/a",
        "https://www.acme.example:/a|https://www.acme.example/a",
        "https://www.acme.example/a/./b/../c|https://www.acme.example/a/c",
        "https://www.acme.example/a/%2e/b/%2E%2e/c|https://www.acme.example/a/c",
        "https://www.acme.example/a/b/..|https://www.acme.example/a/",
        "https://www.acme.example/%7euser/%41|https://www.acme.example/~user/A",
        "https://www.acme.example/a%2fb%3f|https://www.acme.example/a%2Fb%3F",
        "https://www.acme.example/ä?ö=ü|https://www.acme.example/%C3%A4?%C3%B6=%C3%BC",
        "https://www.acme.example/a//b|https://www.acme.example/a//b",
        "https://www.acme.example/a?b=../c|https://www.acme.example/a?b=../c",
        "https://bücher.example/a|https://xn--bcher-kva.example/a",
        "https://www.acme.example/it's(1)|https://www.acme.example/it's(1)",
      })
  void equal_spellings_have_one_normal_form(String given, String normal) throws SelectorException {
    CacheUrl url = CacheUrl.parse(given);

    assertThat(url).hasToString(normal);
    assertThat(CacheUrl.parse(url.toString())).isEqualTo(url);
  }

  @Test
  void http_and_https_name_the_same_object() throws SelectorException {
    assertThat(CacheUrl.parse("http://www.acme.example/a").key())
        .isEqualTo(CacheUrl.parse("https://www.acme.example/a").key());
  }

  @ParameterizedTest(name = "{index}")
  @ValueSource(
      strings = {
        "",
        "/a.js",
        "www.acme.example/a",
        "ftp://www.acme.example/a",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https:///a",
        "https://localhost/a",
        "https://127.0.0.1/a",
        "https://1.2.3/a",
        "https://0x7f.0x1/a",
        "https://[::1]/a",
        "https://acme.example@evil.example/a",
        "https://acme.example:8443/a",
        "https://acme.example:80:80/a",
        "https://acme.example:x/a",
        "https://acme%2eexample/a",
        "https://ac me.example/a",
        "https://acme..example/a",
        "https://-acme.example/a",
        "https://acme.example\\@evil.example/a",
        "https://acme.example/a#b",
        "https://acme.example/a b",
        "https://acme.example/a\nb",
        "https://acme.example/a\r\nHost: evil.example",
        "https://acme.example/a\"b",
        "https://acme.example/a\\b",
        "https://acme.example/a<b>",
        "https://acme.example/{a}",
        "https://acme.example/a|b",
        "https://acme.example/a%0ab",
        "https://acme.example/a%00b",
        "https://acme.example/a%7Fb",
        "https://acme.example/a%",
        "https://acme.example/a%2",
        "https://acme.example/a%zz",
        "https://acme.example/..",
        "https://acme.example/../a",
        "https://acme.example/%2e%2e/a",
        "https://acme.example/a/../../b",
        "https://acme.example/a/..%2f..%2fb",
        "https://acme.example/a/%2e%2e%5cb",
        "https://acme.example/a\u0000b",
        "https://acme.example/a\u0085b",
        "https://acme.example/\ud800",
      })
  void what_could_mean_two_things_is_refused(String given) {
    assertThatExceptionOfType(SelectorException.class).isThrownBy(() -> CacheUrl.parse(given));
  }

  @Test
  void a_refusal_shows_no_control_characters_and_not_the_whole_value() {
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> CacheUrl.parse("https://acme.example/" + "a".repeat(300) + "\n"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(250));
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> CacheUrl.parse("https://acme.example/" + "a".repeat(8_000)));
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> CacheUrl.parse("https://acme.example/" + "ä".repeat(2_000)));
  }
}
