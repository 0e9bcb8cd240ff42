// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rollcall.edge.fake.Certificates;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigReaderTest {
  private static final ZoneId ZONE = ZoneId.of("Asia/Kathmandu");

  @TempDir private Path directory;
  private Path token;

  @BeforeEach
  void token() throws IOException {
    token = Files.writeString(directory.resolve("token"), "s3cret-token\n");
  }

  private String usual() {
    return """
    server: http://127.0.0.1:8080
    tokenFile: %s
    state: /var/lib/rollcall
    cache:
      driver: varnish
      address: http://127.0.0.1:6081
    """
        .formatted(token);
  }

  @Test
  void what_is_not_set_has_its_default() throws Exception {
    PollerConfig config = read(usual());

    assertThat(config)
        .isEqualTo(
            new PollerConfig(
                URI.create("http://127.0.0.1:8080"),
                new TokenSource.InFile(token),
                TlsFiles.NONE,
                Path.of("/var/lib/rollcall"),
                16,
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                new CacheConfig.Varnish(URI.create("http://127.0.0.1:6081"))));
    assertThat(config.token().read()).isEqualTo("s3cret-token");
    assertThat(config.toString()).doesNotContain("s3cret");
  }

  @Test
  void everything_can_be_set_in_the_file() throws Exception {
    PollerConfig config =
        read(
            """
            server: https://queue.example/rollcall/
            tokenFile: %s
            state: /srv/state
            capacity: 1000
            waitSeconds: 0
            executionSeconds: 60
            cache:
              driver: directory
              root: /srv/content
              origins: {"alpha/acme-www": "http://127.0.0.1:9000", "beta/x": "https://o.example"}
              originNetworks: {"beta/x": "10.1.0.0/16  fd00::/8"}
              purge: rename
              quietHours: "22:30-05:00"
              zone: Europe/Berlin
              maxObjectBytes: 1000000
            """
                .formatted(token));

    assertThat(config.server()).isEqualTo(URI.create("https://queue.example/rollcall"));
    assertThat(config.capacity()).isEqualTo(1_000);
    assertThat(config.longestWait()).isZero();
    assertThat(config.executionLimit()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.cache())
        .isEqualTo(
            new CacheConfig.Directory(
                Path.of("/srv/content"),
                Map.of(
                    "alpha/acme-www",
                    new Origin(URI.create("http://127.0.0.1:9000"), List.of()),
                    "beta/x",
                    new Origin(
                        URI.create("https://o.example"), networks("10.1.0.0/16", "fd00::/8"))),
                new QuietHours(
                    LocalTime.of(22, 30), LocalTime.of(5, 0), ZoneId.of("Europe/Berlin")),
                1_000_000));
  }

  @Test
  void every_setting_can_be_given_by_its_variable_without_any_file() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("ROLLCALL_SERVER", "http://queue.example");
    environment.put("ROLLCALL_INSECURE_SERVER", "true");
    environment.put("ROLLCALL_TOKEN_FILE", token.toString());
    var certificates = new Certificates(directory);
    certificates.make("own", "san=dns:own.example");
    environment.put("ROLLCALL_CA_FILE", certificates.certificate("own").toString());
    environment.put("ROLLCALL_CERTIFICATE_FILE", certificates.certificate("own").toString());
    environment.put("ROLLCALL_KEY_FILE", certificates.key("own").toString());
    environment.put("ROLLCALL_STATE", "/srv/state");
    environment.put("ROLLCALL_CAPACITY", "5");
    environment.put("ROLLCALL_WAIT_SECONDS", "6");
    environment.put("ROLLCALL_EXECUTION_SECONDS", "7");
    environment.put("ROLLCALL_CACHE_DRIVER", "directory");
    environment.put("ROLLCALL_CACHE_ROOT", "/srv/content");
    environment.put("ROLLCALL_CACHE_ORIGINS", "a/b=http://127.0.0.1:1, c/d=https://o.example");
    environment.put("ROLLCALL_CACHE_ORIGIN_NETWORKS", "c/d=192.168.1.7");
    environment.put("ROLLCALL_CACHE_PURGE", "rename");
    environment.put("ROLLCALL_CACHE_QUIET_HOURS", "01:00-02:00");
    environment.put("ROLLCALL_CACHE_ZONE", "UTC");
    environment.put("ROLLCALL_CACHE_MAX_OBJECT_BYTES", "8");
    environment.put("ROLLCALL_LISTEN", "something of the queue server on the same machine");

    PollerConfig config = ConfigReader.read(new ConfigSources(null, environment, Map.of(), ZONE));

    assertThat(config.server()).isEqualTo(URI.create("http://queue.example"));
    assertThat(config.tls())
        .isEqualTo(
            new TlsFiles(
                certificates.certificate("own"),
                certificates.certificate("own"),
                certificates.key("own")));
    assertThat(config.capacity()).isEqualTo(5);
    assertThat(config.longestWait()).isEqualTo(Duration.ofSeconds(6));
    assertThat(config.executionLimit()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.cache())
        .isEqualTo(
            new CacheConfig.Directory(
                Path.of("/srv/content"),
                Map.of(
                    "a/b",
                    new Origin(URI.create("http://127.0.0.1:1"), List.of()),
                    "c/d",
                    new Origin(URI.create("https://o.example"), networks("192.168.1.7"))),
                new QuietHours(LocalTime.of(1, 0), LocalTime.of(2, 0), ZoneId.of("UTC")),
                8));
    for (Setting setting : Setting.values()) {
      if (setting != Setting.CACHE_ADDRESS) {
        assertThat(environment).containsKey(setting.variable());
      }
    }
  }

  private static List<Network> networks(String... texts) {
    return Stream.of(texts).map(text -> Network.parse(text).orElseThrow()).toList();
  }

  @Test
  void a_flag_outweighs_the_environment_and_that_the_file() throws Exception {
    Map<String, String> environment =
        Map.of("ROLLCALL_CAPACITY", "2", "ROLLCALL_WAIT_SECONDS", "3");

    PollerConfig config =
        ConfigReader.read(
            new ConfigSources(
                file(usual() + "capacity: 1\nwaitSeconds: 1\nexecutionSeconds: 1\n"),
                environment,
                Map.of(Setting.WAIT_SECONDS, "4"),
                ZONE));

    assertThat(config.capacity()).isEqualTo(2);
    assertThat(config.longestWait()).isEqualTo(Duration.ofSeconds(4));
    assertThat(config.executionLimit()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void a_token_in_the_environment_outweighs_every_file_and_is_never_shown() throws Exception {
    PollerConfig config =
        ConfigReader.read(
            new ConfigSources(
                file(usual()), Map.of("ROLLCALL_TOKEN", "from-the-environment"), Map.of(), ZONE));

    assertThat(config.token().read()).isEqualTo("from-the-environment");
    assertThat(config.toString()).doesNotContain("from-the-environment");
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                ConfigReader.read(
                    new ConfigSources(
                        file(usual()), Map.of("ROLLCALL_TOKEN", "se cret"), Map.of(), ZONE)));
    assertThat(bad).hasMessageContaining("ROLLCALL_TOKEN holds characters that no token has");
    assertThat(bad.getMessage()).doesNotContain("cret\"").doesNotContain("se cret");
  }

  @Test
  void all_problems_are_found_at_once_and_named() throws Exception {
    assertThat(
            problems(
                """
                server: ftp://queue.example
                tokenfile: /nowhere
                capacity: 0
                waitSeconds: "30"
                executionSeconds: 1.5
                cache:
                  driver: directory
                  root: ""
                  origins: {"acme": "http://127.0.0.1:1", "a/b": "http://o.example/path", "c/d": "http://0.0.0.0"}
                  originNetworks: {"a/b": "10.0.0.1/8", "c/d": "10.0.0.0/33,x", "e/f": "::1"}
                  purge: rename
                  zone: Mars/Olympus
                  maxObjectBytes: -1
                  adress: x
                """))
        .containsExactlyInAnyOrder(
            "server: is \"ftp://queue.example\"; a URL such as http://127.0.0.1:8080 is needed",
            "tokenFile: is missing; a file, or ROLLCALL_TOKEN in the environment, or"
                + " certificateFile is needed",
            "tokenfile: is unknown here; known: caFile, cache, capacity, certificateFile,"
                + " executionSeconds, insecureServer, keyFile, server, state, tokenFile,"
                + " waitSeconds",
            "state: is missing; a directory such as /var/lib/rollcall is needed",
            "capacity: is 0; allowed: 1 to 1000",
            "waitSeconds: is the string \"30\"; a whole number from 0 to 60 is needed",
            "executionSeconds: is the number 1.5; a whole number from 1 to 86400 is needed",
            "cache.root: is \"\"; a path is needed",
            "cache.origins.acme: is no configuration; a name such as alpha/acme-www is needed",
            "cache.origins.a/b: is \"http://o.example/path\"; only scheme, host and port are"
                + " allowed",
            "cache.origins.c/d: is \"http://0.0.0.0\"; no server has this address",
            "cache.originNetworks.a/b: is \"10.0.0.1/8\"; networks such as 10.1.0.0/16 are needed,"
                + " with spaces between",
            "cache.originNetworks.c/d: is \"10.0.0.0/33,x\"; networks such as 10.1.0.0/16 are"
                + " needed, with spaces between",
            "cache.originNetworks.e/f: has no origin in origins",
            "cache.quietHours: is missing; purge: rename needs hours such as 02:00-05:00",
            "cache.zone: is \"Mars/Olympus\"; a time zone such as Europe/Berlin is needed",
            "cache.maxObjectBytes: is -1; allowed: 1 to 9223372036854775807",
            "cache.adress: is unknown here; known: driver, maxObjectBytes, originNetworks, origins,"
                + " purge, quietHours, root, zone");
  }

  @Test
  void a_problem_is_named_as_the_value_was_given() {
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                ConfigReader.read(
                    new ConfigSources(
                        null,
                        Map.of("ROLLCALL_CAPACITY", "many", "ROLLCALL_CACHE_DRIVER", "squid"),
                        Map.of(Setting.SERVER, "nonsense"),
                        ZONE)));

    assertThat(bad.problems())
        .contains(
            "ROLLCALL_CAPACITY: is the string \"many\"; a whole number from 1 to 1000 is needed",
            "ROLLCALL_CACHE_DRIVER: is \"squid\"; allowed: varnish, directory",
            "--server: is \"nonsense\"; a URL such as http://127.0.0.1:8080 is needed");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "http://queue.example, false",
    "https://queue.example, true",
    "http://localhost:8080, true",
    "http://127.9.9.9, true",
    "http://[::1]:8080, true",
    "http://127.0.0.1.evil.example, false",
    "http://[::2], false",
  })
  void http_is_for_loopback_only(String server, boolean allowed) throws Exception {
    String yaml = usual().replace("http://127.0.0.1:8080", server);

    assertThat(problems(yaml).isEmpty()).isEqualTo(allowed);
    assertThat(problems(yaml + "insecureServer: true\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:secret@127.0.0.1",
        "http://127.0.0.1/?token=secret",
        "http://127.0.0.1/#secret",
        "http://127.0.0.1:99999",
        "http://",
        "//127.0.0.1",
      })
  void an_address_with_more_or_less_than_it_may_have_is_refused(String server) throws Exception {
    List<String> problems = problems(usual().replace("http://127.0.0.1:8080", server));

    assertThat(problems).singleElement().asString().startsWith("server: is ");
    assertThat(problems.getFirst()).doesNotContain("user:secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing\n",
        "[]",
        "just text",
        "server: [",
        "server: a\nserver: b\n",
        "a: 1\n---\nb: 2\n",
        "\u0000",
      })
  void what_is_no_configuration_is_refused_in_words(String yaml) throws Exception {
    assertThat(problems(yaml)).isNotEmpty().noneMatch(p -> p.contains("Exception"));
  }

  @Test
  void a_file_that_is_not_there_is_said() {
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                ConfigReader.read(
                    new ConfigSources(directory.resolve("none"), Map.of(), Map.of(), ZONE)));

    assertThat(bad.problems()).containsExactly(directory.resolve("none") + ": does not exist");
  }

  @Test
  void a_directory_is_no_file_of_settings() {
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigReader.read(new ConfigSources(directory, Map.of(), Map.of(), ZONE)));

    assertThat(bad.problems()).containsExactly(directory + ": is a directory; a file is needed");
  }

  @Test
  void the_state_can_be_read_alone_whatever_the_rest_is() throws Exception {
    Path broken = file("state: /var/lib/rollcall\ncache: {driver: squid}\ntokenFile: /none\n");
    Path none = Files.writeString(directory.resolve("none.yaml"), "server: x\n");

    assertThat(ConfigReader.state(new ConfigSources(broken, Map.of(), Map.of(), ZONE)))
        .isEqualTo(Path.of("/var/lib/rollcall"));
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigReader.state(new ConfigSources(none, Map.of(), Map.of(), ZONE)));
    assertThat(bad.problems())
        .containsExactly("state: is missing; a directory such as /var/lib/rollcall is needed");
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource({"'', is empty", "'a b', holds characters that no token has"})
  void a_token_file_that_cannot_be_used_is_said_without_its_content(String content, String problem)
      throws Exception {
    Files.writeString(token, content);

    assertThat(problems(usual())).containsExactly("tokenFile: " + token + " " + problem);
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("poller.yaml"), yaml);
  }

  private PollerConfig read(String yaml) throws Exception {
    return ConfigReader.read(new ConfigSources(file(yaml), Map.of(), Map.of(), ZONE));
  }

  private List<String> problems(String yaml) throws Exception {
    try {
      read(yaml);
      return List.of();
    } catch (ConfigException e) {
      return e.problems();
    }
  }
}
