// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.fake.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate of one's own in the settings. */
final class ConfigReaderCertificateTest {
  private static final String USUAL =
      """
      server: http://127.0.0.1:8080
      state: /var/lib/rollcall
      cache: {driver: varnish, address: "http://127.0.0.1:6081"}
      """;

  @TempDir private Path directory;
  private String withToken = "";

  @BeforeEach
  void token() throws IOException {
    Path token = Files.writeString(directory.resolve("token"), "s3cret-token\n");
    withToken = USUAL + "tokenFile: " + token + "\n";
  }

  @Test
  void a_certificate_makes_a_token_needless_and_goes_with_its_own_key() throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("own", "san=dns:own.example");
    certificates.make("other", "san=dns:other.example");
    String shown = "certificateFile: " + certificates.certificate("own") + "\n";
    String yaml = USUAL + shown;

    assertThat(read(yaml + "keyFile: " + certificates.key("own") + "\n").token())
        .isEqualTo(new TokenSource.ByCertificate());
    assertThat(problems(yaml))
        .containsExactly("keyFile: is missing; certificate and key go together");
    assertThat(problems(yaml + "keyFile: " + certificates.key("other") + "\n"))
        .singleElement()
        .asString()
        .contains("is not the key of the certificate in");
    assertThat(problems(withToken + "caFile: /none\n"))
        .containsExactly("caFile: /none does not exist");
  }

  private PollerConfig read(String yaml) throws Exception {
    Path file = Files.writeString(directory.resolve("poller.yaml"), yaml);
    return ConfigReader.read(new ConfigSources(file, Map.of(), Map.of(), ZoneOffset.UTC));
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
