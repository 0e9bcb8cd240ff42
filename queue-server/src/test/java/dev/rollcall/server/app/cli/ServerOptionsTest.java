// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.rollcall.server.app.cli.FakeQueueServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where commands go, and with which token. */
class ServerOptionsTest {
  @TempDir private Path directory;

  @AutoClose
  private final FakeQueueServer server =
      FakeQueueServer.start().on("GET /v1/reports", Reply.ok("{\"items\": []}"));

  private static CliRun.Ended report(CliRun run, String... options) {
    List<String> args = new ArrayList<>(List.of("report"));
    args.addAll(List.of(options));
    return run.run(args.toArray(String[]::new));
  }

  @Test
  void the_flag_outweighs_the_environment() {
    CliRun run = CliRun.against(server).env("ROLLCALL_SERVER", "http://127.0.0.1:1");

    assertThat(report(run, "--server", server.uri() + "/").status()).isZero();
    assertThat(server.last().target()).isEqualTo("/v1/reports");
  }

  @Test
  void the_token_of_a_data_directory_is_found() throws IOException {
    Files.writeString(directory.resolve("admin-token"), FakeQueueServer.TOKEN + "\n");
    CliRun run = CliRun.against(server).without("ROLLCALL_TOKEN");

    assertThat(report(run, "--data", directory.toString()).status()).isZero();
    assertThat(report(run.env("ROLLCALL_DATA", directory.toString())).status()).isZero();
  }

  @Test
  void the_environment_s_token_outweighs_the_data_directory() throws IOException {
    Files.writeString(directory.resolve("admin-token"), "another-token");

    assertThat(report(CliRun.against(server), "--data", directory.toString()).status()).isZero();
  }

  @Test
  void a_token_file_is_read() throws IOException {
    Path file = Files.writeString(directory.resolve("t"), FakeQueueServer.TOKEN + "\n");
    CliRun run =
        CliRun.against(server)
            .without("ROLLCALL_TOKEN")
            .env("ROLLCALL_TOKEN_FILE", file.toString());

    assertThat(report(run).status()).isZero();
  }

  @Test
  void a_refused_token_is_told_by_where_it_came_from_never_by_what_it_is() throws IOException {
    Path file = Files.writeString(directory.resolve("t"), "a-wrong-secret");
    CliRun run =
        CliRun.against(server)
            .without("ROLLCALL_TOKEN")
            .env("ROLLCALL_TOKEN_FILE", file.toString());

    CliRun.Ended ended = report(run);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .isEqualTo(
            "Unauthorized (401)\n  The token is not known.\n  the token was taken from"
                + " ROLLCALL_TOKEN_FILE="
                + file
                + "\n");
  }

  @Test
  void what_cannot_be_a_token_is_not_shown() {
    CliRun.Ended ended =
        report(CliRun.against(server).env("ROLLCALL_TOKEN", "secret\nX-Header: 1"));

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("ROLLCALL_TOKEN holds characters").doesNotContain("secret");
  }

  @Test
  void two_tokens_are_one_too_many() {
    CliRun.Ended ended = report(CliRun.against(server).env("ROLLCALL_TOKEN_FILE", "/x"));

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("are both set");
  }

  @Test
  void without_a_token_it_says_where_to_put_one() {
    CliRun.Ended ended =
        report(CliRun.against(server).without("ROLLCALL_TOKEN"), "--data", directory.toString());

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err())
        .contains("set ROLLCALL_TOKEN or ROLLCALL_TOKEN_FILE")
        .contains("admin-token does not exist");
  }

  @Test
  void a_token_found_by_chance_never_leaves_this_machine() {
    CliRun run = CliRun.inEmptyEnvironment();

    CliRun.Ended ended = report(run, "--server", "https://queue.invalid");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("no token").doesNotContain("rollcall-data/admin-token");
  }

  @Test
  void a_token_does_not_travel_in_the_clear() {
    CliRun run = CliRun.inEmptyEnvironment().env("ROLLCALL_TOKEN", "x");

    CliRun.Ended ended = report(run, "--server", "http://queue.invalid");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("in the clear").contains("--insecure-server");

    var allowed = new ServerOptions();
    allowed.server = "http://queue.invalid";
    allowed.insecureServer = true;
    try (RestClient client = allowed.connect(Map.of("ROLLCALL_TOKEN", "x"))) {
      assertThat(client.server()).hasToString("http://queue.invalid");
    }
  }

  @Test
  void an_address_with_credentials_is_refused_without_showing_them() {
    CliRun.Ended ended = report(CliRun.against(server), "--server", "http://me:pass@127.0.0.1");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).doesNotContain("pass");
  }

  @Test
  void a_redirect_is_told_and_not_followed() {
    try (var other = FakeQueueServer.start()) {
      server.on(
          "GET /v1/reports", new Reply(307, Map.of("Location", other.uri() + "/v1/reports"), ""));

      CliRun.Ended ended = report(CliRun.against(server));

      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.err()).contains("points to " + other.uri());
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void something_else_at_the_address_is_told() {
    server.on("GET /v1/reports", new Reply(200, Map.of("Content-Type", "text/html"), "<html>"));

    assertThat(report(CliRun.against(server)).err())
        .contains("text/html, which no queue server does");

    server.on("GET /v1/reports", new Reply(404, Map.of("Content-Type", "text/html"), "<html>"));

    assertThat(report(CliRun.against(server)).err())
        .isEqualTo("Refused (404)\n  The answer holds no problem document.\n");
  }

  @Test
  void nobody_at_the_address_is_told() {
    server.close();

    CliRun.Ended ended = report(CliRun.against(server));

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).isEqualTo("cannot reach " + server.uri() + ": connection refused\n");
  }

  @Test
  void a_private_authority_is_trusted_when_it_is_named() throws Exception {
    var seen = new CopyOnWriteArrayList<String>();
    HttpServer https = https(seen);
    try {
      CliRun run =
          CliRun.against(server)
              .env("ROLLCALL_SERVER", "https://localhost:" + https.getAddress().getPort());

      assertThat(report(run).err()).contains("TLS: ");
      assertThat(seen).isEmpty();
      assertThat(report(run, "--ca", directory.resolve("ca.pem").toString()).err()).isEmpty();
      assertThat(seen).containsExactly("Bearer " + FakeQueueServer.TOKEN);
    } finally {
      https.stop(0);
    }
  }

  @Test
  void a_file_without_certificates_is_no_authority() throws IOException {
    Path file = Files.writeString(directory.resolve("ca.pem"), "nothing");

    CliRun.Ended ended = report(CliRun.against(server), "--ca", file.toString());

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("--ca");
  }

  private HttpServer https(List<String> seen) throws Exception {
    Path store = directory.resolve("store");
    keytool(
        "-genkeypair",
        "-alias",
        "k",
        "-keyalg",
        "EC",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=dns:localhost",
        "-keystore",
        store.toString(),
        "-storepass",
        "password");
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "k",
        "-file",
        directory.resolve("ca.pem").toString(),
        "-keystore",
        store.toString(),
        "-storepass",
        "password");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "password".toCharArray());
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, "password".toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(tls));
    https.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] body = "{\"items\": []}".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    https.start();
    return https;
  }

  private static void keytool(String... args) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }
}
