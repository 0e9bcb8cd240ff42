// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.server.LogCapture;
import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Certificates: the server's own, and those that clients show. */
final class TlsHttpTest {
  @RegisterExtension static final ServerExtension clear = new ServerExtension();
  private static final String POLL = "{\"capacity\": 1, \"waitSeconds\": %d}";

  @TempDir static Path directory;
  private static Certificates ca;
  private static Certificates stranger;
  private static Server secure;
  private Federation federation;

  @BeforeAll
  static void start() throws IOException {
    ca = new Certificates(directory, "authority");
    stranger = new Certificates(directory, "stranger");
    ca.issue("one", "queue-one", "san=ip:127.0.0.1");
    ca.issue("two", "queue-two", "san=ip:127.0.0.1");
    ca.issue("server", "queue-one", "san=ip:127.0.0.1");
    ca.replace("server", "one");
    ca.issue("lax", "LAX-01.alpha.example", "");
    ca.issue("spiffe", "nobody", "san=uri:spiffe://alpha/lax-02");
    ca.issue("both", "lax-01.alpha.example", "san=dns:fra-01.beta.example");
    stranger.issue("false", "lax-01.alpha.example", "");
    ca.issue("peer", "peer.beta.example", "");
    authorize(ca);
    secure = Server.start(config("server"));
  }

  /** Those that clients may come from. */
  private static Path authorities() {
    return directory.resolve("clients.pem");
  }

  private static void authorize(Certificates authority) throws IOException {
    Path fresh = directory.resolve("fresh-clients");
    Files.copy(authority.authority(), fresh, StandardCopyOption.REPLACE_EXISTING);
    Files.move(fresh, authorities(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static ServerConfig config(String alias) throws IOException {
    return ServerConfig.read(
        Map.of(
            "listen",
            "127.0.0.1:0",
            "data",
            Files.createTempDirectory("rollcall-test").toString(),
            "tls-certificate",
            ca.certificate(alias).toString(),
            "tls-key",
            ca.key(alias).toString(),
            "tls-client-ca",
            authorities().toString()),
        Map.of(
            "ROLLCALL_DATABASE_URL",
            clear.database().jdbcUrl(),
            "ROLLCALL_ADMIN_TOKEN",
            ServerExtension.OPERATOR));
  }

  @AfterAll
  static void stop() {
    secure.close();
  }

  @BeforeEach
  void prepare() {
    federation = Federation.fresh(clear);
    // which looks for the newest version
    send(ca.client(null), "GET", "/v1/registry", "", ServerExtension.OPERATOR);
  }

  private static HttpResponse<String> send(
      SSLContext tls, String method, String path, String body, @Nullable String token) {
    try (HttpClient client = client(tls)) {
      return send(client, method, path, body, token);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(tls).build();
  }

  private static HttpResponse<String> send(
      HttpClient client, String method, String path, String body, @Nullable String token)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(secure.baseUri() + path))
            .timeout(Duration.ofSeconds(90))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static int poll(String alias) {
    return send(ca.client(alias), "POST", "/v1/edge/poll", POLL.formatted(0), null).statusCode();
  }

  private static boolean isLetIn(SSLContext tls) {
    try (HttpClient client = client(tls)) {
      return send(client, "POST", "/v1/edge/poll", POLL.formatted(0), null).statusCode() == 200;
    } catch (IOException e) {
      return false; // already in the handshake
    }
  }

  private static JsonNode admit(String scope, String certificate) {
    return admit("server", scope, certificate);
  }

  private static JsonNode admit(String role, String scope, String certificate) {
    return clear
        .operator()
        .post(
            "/v1/tokens",
            "{\"role\": \"%s\", \"scope\": \"%s\", \"certificate\": \"%s\"}"
                .formatted(role, scope, certificate))
        .status(201)
        .json();
  }

  private static void revoke(JsonNode admitted) {
    clear.operator().delete("/v1/tokens/" + admitted.path("id").asString()).status(204);
  }

  private static X509Certificate shown() throws IOException {
    try (SSLSocket socket = connect()) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static SSLSocket connect() throws IOException {
    URI uri = secure.baseUri();
    return (SSLSocket)
        ca.client(null).getSocketFactory().createSocket(uri.getHost(), uri.getPort());
  }

  @Test
  void a_server_shows_its_certificate_instead_of_a_token() {
    JsonNode admitted = admit("alpha/lax-01", "lax-01.alpha.example");
    assertThat(admitted.has("token")).isFalse();
    await("it is let in").until(() -> poll("lax") == 200);
    String command = federation.purge("alpha/other-www", "https://www.other.example/1");

    HttpResponse<String> polled =
        send(ca.client("lax"), "POST", "/v1/edge/poll", POLL.formatted(10), null);

    assertThat(polled.statusCode()).as(polled.body()).isEqualTo(200);
    assertThat(polled.body()).contains(command);
    JsonNode listed = clear.operator().get("/v1/tokens?valid=true&limit=1000").json();
    assertThat(listed.toString()).contains("\"certificate\":\"lax-01.alpha.example\"");
    revoke(admitted);
  }

  @Test
  void an_alternative_name_that_is_a_uri_stands_for_a_server_too() {
    assertThat(poll("spiffe")).isEqualTo(401);
    JsonNode admitted = admit("alpha/lax-02", "spiffe://alpha/lax-02");

    await("what was refused is looked up again").until(() -> poll("spiffe") == 200);

    revoke(admitted);
  }

  @Test
  void a_certificate_that_was_revoked_ends_the_poll_that_waits_with_it() {
    JsonNode admitted = admit("alpha/lax-01", "lax-01.alpha.example");
    await("it is let in").until(() -> poll("lax") == 200);
    CompletableFuture<HttpResponse<String>> parked =
        Later.run(() -> send(ca.client("lax"), "POST", "/v1/edge/poll", POLL.formatted(60), null));

    revoke(admitted);

    assertThat(Later.within(parked).statusCode()).isEqualTo(401);
    assertThat(poll("lax")).isEqualTo(401);
    JsonNode anew = admit("alpha/lax-01", "lax-01.alpha.example");
    await("the name may be given again").until(() -> poll("lax") == 200);
    revoke(anew);
  }

  @Test
  void a_peer_shows_its_certificate_instead_of_a_token() {
    JsonNode admitted = admit("peer", "beta", "peer.beta.example");

    await("it is let in")
        .until(() -> send(ca.client("peer"), "GET", "/openapi.yaml", "", null).statusCode() == 200);
    assertThat(poll("peer")).as("it is no server").isEqualTo(403);

    revoke(admitted);
  }

  @Test
  void a_certificate_that_expires_ends_what_its_connection_may_do() throws Exception {
    JsonNode admitted = admit("alpha/lax-01", "brief.alpha.example");
    ca.issueFor(20, "brief", "brief.alpha.example");
    try (HttpClient client = client(ca.client("brief"))) {
      assertThat(send(client, "POST", "/v1/edge/poll", POLL.formatted(0), null).statusCode())
          .isEqualTo(200);

      await("it has expired")
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              send(client, "POST", "/v1/edge/poll", POLL.formatted(0), null)
                  .body()
                  .contains("The client certificate is not valid now."));
    }
    revoke(admitted);
  }

  @Test
  void new_authorities_of_clients_are_taken_without_a_restart_and_the_old_ones_dropped()
      throws Exception {
    JsonNode admitted = admit("alpha/lax-01", "lax-01.alpha.example");
    await("it is let in").until(() -> poll("lax") == 200);

    authorize(stranger);

    await("what the new one issued is taken").until(() -> isLetIn(stranger.client("false", ca)));
    assertThat(isLetIn(ca.client("lax"))).as("and nothing of the old one's").isFalse();
    authorize(ca);
    await("and the old one again").until(() -> isLetIn(ca.client("lax")));
    assertThat(isLetIn(stranger.client("false", ca))).isFalse();
    revoke(admitted);
  }

  @Test
  void a_certificate_of_two_holders_is_nobodys() {
    JsonNode one = admit("alpha/lax-01", "lax-01.alpha.example");
    JsonNode other = admit("beta/fra-01", "fra-01.beta.example");

    assertThat(poll("both")).isEqualTo(401);

    revoke(one);
    revoke(other);
  }

  @Test
  void what_another_authority_issued_is_not_accepted() {
    JsonNode admitted = admit("alpha/lax-01", "lax-01.alpha.example");
    SSLContext tls = stranger.client("false", ca);

    assertThatThrownBy(() -> send(tls, "POST", "/v1/edge/poll", POLL.formatted(0), null))
        .hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> send(tls, "GET", "/v1/registry", "", ServerExtension.OPERATOR))
        .as("not even with a token beside it")
        .hasCauseInstanceOf(IOException.class);

    revoke(admitted);
  }

  @Test
  void only_operators_say_whom_a_certificate_stands_for() {
    Api alpha = federation.as("participant", "alpha");
    String body = "{\"role\": \"server\", \"scope\": \"alpha/lax-01\", \"certificate\": \"x\"}";

    alpha.post("/v1/tokens", body).invalidAt("/certificate");
    clear
        .operator()
        .post("/v1/tokens", "{\"role\": \"operator\", \"certificate\": \"x\"}")
        .invalidAt("/certificate");
    JsonNode admitted = admit("alpha/lax-01", "X");
    clear.operator().post("/v1/tokens", body).problem(409, "conflict");
    clear
        .operator()
        .post("/v1/tokens/" + admitted.path("id").asString() + "/rotate")
        .problem(409, "conflict");
    revoke(admitted);
  }

  @Test
  void a_token_outweighs_a_certificate() {
    JsonNode admitted = admit("alpha/lax-01", "lax-01.alpha.example");

    assertThat(
            send(ca.client("lax"), "POST", "/v1/edge/poll", POLL.formatted(0), "rct_none")
                .statusCode())
        .isEqualTo(401);
    assertThat(
            send(ca.client("lax"), "GET", "/v1/servers", "", ServerExtension.OPERATOR).statusCode())
        .isEqualTo(200);

    revoke(admitted);
  }

  @Test
  void a_new_certificate_is_shown_without_a_restart_and_a_broken_one_never() throws Exception {
    assertThat(shown().getSubjectX500Principal().getName()).isEqualTo("CN=queue-one");
    try (var log = new LogCapture()) {
      Files.writeString(ca.key("server"), "no key");
      await("it is told").until(() -> log.text().contains("stay as they were"));
      assertThat(shown().getSubjectX500Principal().getName()).isEqualTo("CN=queue-one");
      Files.copy(ca.key("two"), ca.key("server"), StandardCopyOption.REPLACE_EXISTING);
      await("it is told").until(() -> log.text().contains("is not the key of"));
      assertThat(shown().getSubjectX500Principal().getName()).isEqualTo("CN=queue-one");
    }

    ca.replace("server", "two");

    await("the new one is shown")
        .until(() -> shown().getSubjectX500Principal().getName().equals("CN=queue-two"));
    ca.replace("server", "one");
    await("and the old one again")
        .until(() -> shown().getSubjectX500Principal().getName().equals("CN=queue-one"));
  }

  @Test
  void old_protocols_and_weak_suites_are_refused() throws Exception {
    try (SSLSocket socket = connect()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
    try (SSLSocket socket = connect()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertThat(socket.getSession().getCipherSuite()).contains("GCM");
    }
    URI uri = secure.baseUri();
    try (var socket = new Socket(uri.getHost(), uri.getPort())) {
      // ClientHello of TLS 1.1 with TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, and nothing else
      String hello = "0302" + "00".repeat(32) + "00" + "0002c00a" + "0100";
      String handshake = "010000%02x%s".formatted(hello.length() / 2, hello);
      String plain = "16030100%02x%s".formatted(handshake.length() / 2, handshake);
      socket.getOutputStream().write(java.util.HexFormat.of().parseHex(plain));
      socket.setSoTimeout(10_000);
      assertThat(socket.getInputStream().read()).as("an alert, or the end").isIn(0x15, -1);
    }
  }

  @Test
  void a_server_whose_files_do_not_fit_does_not_start() throws IOException {
    ca.issue("odd", "odd", "");
    Files.copy(ca.key("one"), ca.key("odd"), StandardCopyOption.REPLACE_EXISTING);
    ServerConfig config = config("odd");

    assertThatThrownBy(() -> Server.start(config).close())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not the key of the certificate in");
  }
}
