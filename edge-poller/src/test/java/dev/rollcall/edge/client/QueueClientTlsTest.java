// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.rollcall.edge.config.TlsFiles;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.fake.Certificates;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.protocol.edge.PollRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client trusts, what it shows, and that it looks at its files again. */
final class QueueClientTlsTest {
  @TempDir static Path made;
  private static Certificates certificates;

  @TempDir private Path own;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> shown = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void make() throws Exception {
    certificates = new Certificates(made);
    certificates.make("server", "san=ip:127.0.0.1");
    certificates.make("elsewhere", "san=dns:elsewhere.example");
    certificates.make("one", "san=dns:one.example");
    certificates.make("two", "san=dns:two.example");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private URI serve(SSLContext tls) throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setWantClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/", this::answer);
    server.start();
    opened.add(() -> server.stop(0));
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      shown.add(
          peer((HttpsExchange) exchange)
              + " "
              + exchange.getRequestHeaders().getFirst("Authorization"));
      exchange.getRequestBody().readAllBytes();
      byte[] body = "{\"results\": [], \"executions\": [], \"cancelled\": []}".getBytes(UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String peer(HttpsExchange exchange) {
    try {
      return exchange.getSSLSession().getPeerPrincipal().getName();
    } catch (SSLPeerUnverifiedException e) {
      return "nobody";
    }
  }

  private QueueClient client(URI server, TokenSource token, TlsFiles files) {
    var client =
        new QueueClient(server, token, files, "test", Duration.ofSeconds(10), Ticker.system());
    opened.add(client);
    return client;
  }

  private static CallOutcome<EdgeAnswer> poll(QueueClient client) throws InterruptedException {
    return client.poll(
        new PollRequest(0, 0, List.of(), new PollRequest.PollerInfo("i", "v", List.of()), null));
  }

  private static void works(QueueClient client) throws InterruptedException {
    assertThat(poll(client)).isInstanceOf(CallOutcome.Answered.class);
  }

  private static void fails(QueueClient client) throws InterruptedException {
    assertThat(poll(client))
        .isInstanceOfSatisfying(
            CallOutcome.Failed.class, failed -> assertThat(failed.reason()).startsWith("TLS: "));
  }

  private Path copy(Path file, String name) throws IOException {
    return Files.copy(file, own.resolve(name));
  }

  private static TlsFiles trusting(@Nullable Path authorities) {
    return new TlsFiles(authorities, null, null);
  }

  @Test
  void only_whom_the_file_names_is_trusted() throws Exception {
    URI server = serve(certificates.server("server"));
    TokenSource token = new TokenSource.Given("a-token", "ROLLCALL_TOKEN");

    works(client(server, token, trusting(certificates.certificate("server"))));
    fails(client(server, token, trusting(certificates.certificate("one"))));
    fails(client(server, token, TlsFiles.NONE));
    fails(client(server, token, trusting(own.resolve("none"))));
    assertThat(shown).containsExactly("nobody Bearer a-token");
  }

  @Test
  void a_certificate_of_another_host_is_refused() throws Exception {
    URI server = serve(certificates.server("elsewhere"));

    fails(
        client(
            server,
            new TokenSource.Given("a-token", "ROLLCALL_TOKEN"),
            trusting(certificates.certificate("elsewhere"))));
    assertThat(shown).isEmpty();
  }

  @Test
  void a_new_client_certificate_is_shown_from_the_next_call_on() throws Exception {
    URI server = serve(certificates.server("server", "one", "two"));
    Path certificate = copy(certificates.certificate("one"), "own.crt");
    Path key = copy(certificates.key("one"), "own.key");
    var files = new TlsFiles(certificates.certificate("server"), certificate, key);
    QueueClient client = client(server, new TokenSource.ByCertificate(), files);
    works(client);

    Files.writeString(key, "no key");
    works(client);
    Files.delete(certificate);
    Files.delete(key);
    works(client);
    copy(certificates.certificate("two"), "own.crt");
    works(client);
    copy(certificates.key("two"), "own.key");
    works(client);

    assertThat(shown)
        .containsExactly("CN=one null", "CN=one null", "CN=one null", "CN=one null", "CN=two null");
  }

  @Test
  void an_authority_that_is_taken_away_is_not_trusted_from_the_next_call_on() throws Exception {
    URI server = serve(certificates.server("server"));
    Path authorities = copy(certificates.certificate("server"), "ca.pem");
    QueueClient client =
        client(server, new TokenSource.Given("a-token", "ROLLCALL_TOKEN"), trusting(authorities));
    works(client);

    Files.delete(authorities);
    copy(certificates.certificate("one"), "ca.pem");

    fails(client);
  }
}
