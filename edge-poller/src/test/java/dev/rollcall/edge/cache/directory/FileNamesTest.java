// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.SelectorException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FileNamesTest {
  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "/, {index}",
    "/a, a",
    "/a/, a/{index}",
    "/a/b.js, a/b.js",
    "/a/b.js?v=1, a/b.js?v=1",
    "/a?, a?",
    "/?q, {index}?q",
    "/a/?q, a/{index}?q",
    "/a?b/c?d, a?b|c?d",
    "//, {}/{index}",
    "//a, {}/a",
    "/a//b, a/{}/b",
    "/..., ...",
    "/a%2Fb, a%2Fb",
    "/.rollcall/lock, .rollcall/lock",
  })
  void a_path_becomes_itself_as_far_as_files_allow(String path, String names) {
    assertThat(String.join("/", FileNames.of(path))).isEqualTo(names);
    assertThat(back(FileNames.of(path))).isEqualTo(path);
  }

  @Test
  void long_names_are_cut_and_found_again() {
    String path = "/" + "d".repeat(600) + "/" + "f".repeat(241) + "?" + "q/".repeat(300);

    List<String> names = FileNames.of(path);

    assertThat(names).allMatch(name -> name.length() <= 255);
    assertThat(back(names)).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(ints = {238, 239, 240, 241, 242, 243, 478, 479, 480, 481, 482, 483})
  void what_is_left_of_a_long_name_is_never_dots(int length) {
    for (String dots : List.of(".", "..", "...")) {
      String segment = "d".repeat(length - dots.length()) + dots;
      for (String path : List.of("/" + segment, "/" + segment + "/x", "/x?" + segment)) {
        List<String> names = FileNames.of(path);

        assertThat(names).noneMatch(n -> n.equals(".") || n.equals("..") || n.length() > 255);
        assertThat(back(names)).isEqualTo(path);
      }
    }
  }

  @Test
  void different_urls_have_different_files_and_each_file_tells_its_url() throws SelectorException {
    long seed = System.nanoTime();
    System.out.println("FileNamesTest seed " + seed);
    RandomGenerator random = new SplittableRandom(seed);
    Map<List<String>, String> seen = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      String path = path(random);
      List<String> names = FileNames.of(path);
      assertThat(back(names)).as("seed %s", seed).isEqualTo(path);
      String other = seen.put(names, path);
      assertThat(other == null || other.equals(path)).as("%s and %s", other, path).isTrue();
      assertThat(names).noneMatch(n -> n.isEmpty() || n.equals(".") || n.equals(".."));
    }
  }

  private static String path(RandomGenerator random) throws SelectorException {
    var out = new StringBuilder("https://www.acme.example/");
    for (int i = random.nextInt(12); i > 0; i--) {
      out.append("ab/?./%2F~|".charAt(random.nextInt(9)));
    }
    try {
      return CacheUrl.parse(out.toString().replace("%", "%41")).pathAndQuery();
    } catch (SelectorException e) {
      return "/";
    }
  }

  private static String back(List<String> names) {
    String above = "/";
    for (String name : names.subList(0, names.size() - 1)) {
      above = FileNames.below(above, name);
    }
    return FileNames.path(above, names.getLast());
  }
}
