// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.config.ConfigException;
import dev.rollcall.edge.config.ConfigReader;
import dev.rollcall.edge.config.ConfigSources;
import dev.rollcall.edge.config.PollerConfig;
import dev.rollcall.edge.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README against the code: the reference of settings, its examples, the table of codes. */
final class ReadmeTest {
  private static final Map<String, String> TOKEN = Map.of("ROLLCALL_TOKEN", "a-token");

  @TempDir private Path directory;

  @Test
  void the_table_of_settings_names_each_with_its_variable_and_flag() throws Exception {
    List<String> names = new ArrayList<>();
    for (List<String> row : settings()) {
      Setting setting = setting(row.get(0));
      names.add(row.get(0));
      assertThat(row.get(1)).isEqualTo(code(setting.variable()));
      assertThat(row.get(2)).isEqualTo(hasFlag(setting) ? code(setting.flag()) : "");
      assertThat(row).as("%s has a default, what is allowed and a meaning", setting).hasSize(6);
      assertThat(row.subList(3, 6)).noneMatch(String::isEmpty);
    }
    assertThat(names).isEqualTo(Arrays.stream(Setting.values()).map(s -> code(s.path())).toList());
  }

  private static boolean hasFlag(Setting setting) {
    return !setting.path().startsWith("cache.");
  }

  @Test
  void the_table_of_settings_has_the_defaults_of_the_code() throws Exception {
    for (List<String> row : settings()) {
      String fallback =
          switch (setting(row.get(0))) {
            case CAPACITY -> code(PollerConfig.DEFAULT_CAPACITY);
            case WAIT_SECONDS -> code(PollerConfig.DEFAULT_WAIT.toSeconds());
            case EXECUTION_SECONDS -> code(PollerConfig.DEFAULT_EXECUTION_LIMIT.toSeconds());
            case CACHE_MAX_OBJECT_BYTES -> code(CacheConfig.Directory.DEFAULT_MAX_OBJECT_BYTES);
            case INSECURE_SERVER -> code(false);
            case CACHE_PURGE -> code("delete");
            case CACHE_ZONE -> "the machine's";
            default -> "none";
          };
      assertThat(row.get(3)).as(row.get(0)).isEqualTo(fallback);
    }
  }

  /** What the reader itself says that it knows. */
  @Test
  void the_table_of_settings_has_all_that_the_reader_knows() throws Exception {
    Set<String> known = new TreeSet<>();
    known.addAll(known("", "nonsense: 1\n"));
    known.addAll(known("cache.", "cache: {driver: varnish, nonsense: 1}\n"));
    known.addAll(known("cache.", "cache: {driver: directory, nonsense: 1}\n"));
    known.remove("cache");

    assertThat(settings()).extracting(row -> row.get(0).replace("`", "")).hasSameElementsAs(known);
  }

  private List<String> known(String prefix, String yaml) throws IOException {
    String problem =
        problems(yaml).stream().filter(p -> p.contains("nonsense")).findFirst().orElseThrow();
    return Arrays.stream(problem.replaceFirst(".*known: ", "").split(", ", -1))
        .map(name -> prefix + name)
        .toList();
  }

  @Test
  void every_example_of_a_file_of_settings_is_valid() throws Exception {
    List<String> examples = new ArrayList<>(found("(?s)```yaml\n(.*?)```"));
    examples.addAll(found("(?s)> poller\\.yaml <<'END'\n(.*?)END\n"));

    assertThat(examples).hasSize(2);
    assertThat(examples).allSatisfy(yaml -> assertThat(problems(yaml)).isEmpty());
  }

  @Test
  void every_code_is_explained() throws Exception {
    Set<String> codes = new TreeSet<>();
    for (String file : List.of("cache/Codes", "execute/Attempt", "execute/Translation")) {
      String source = Files.readString(Path.of("src/main/java/dev/rollcall/edge", file + ".java"));
      codes.addAll(found(source, "String [A-Z_]+ = \"([a-z-]+)\";"));
    }
    assertThat(codes).hasSizeGreaterThan(20);
    Set<String> explained = new TreeSet<>();
    table("| code | outcome |").forEach(row -> explained.addAll(found(row.get(0), "`([^`]+)`")));

    assertThat(explained).containsAll(codes);
  }

  private List<String> problems(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("poller.yaml"), yaml);
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigReader.read(new ConfigSources(file, TOKEN, Map.of(), ZoneOffset.UTC)));
    return bad == null ? List.of() : bad.problems();
  }

  private static Setting setting(String cell) {
    return Arrays.stream(Setting.values())
        .filter(setting -> code(setting.path()).equals(cell))
        .findFirst()
        .orElseThrow(() -> new AssertionError(cell + " is no setting"));
  }

  private static String code(Object value) {
    return "`" + value + "`";
  }

  private static List<List<String>> settings() throws IOException {
    return table("| setting | variable |");
  }

  private static List<List<String>> table(String heading) throws IOException {
    return readme()
        .lines()
        .dropWhile(line -> !line.startsWith(heading))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.substring(1, line.length() - 1).split("\\|", -1))
        .map(cells -> Arrays.stream(cells).map(String::strip).toList())
        .toList();
  }

  private static List<String> found(String regex) throws IOException {
    return found(readme(), regex);
  }

  private static List<String> found(String text, String regex) {
    return Pattern.compile(regex)
        .matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("README.md"));
  }
}
