// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.telemetry.Metrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS handshakes that stop half-way, beside clients that finish theirs. */
@Timeout(120)
final class HostileHandshakesTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir private Path directory;
  private final Metrics metrics = new Metrics();
  private HttpServer server;
  private SSLContext client;

  @BeforeEach
  void start() throws Exception {
    KeyStore keys = keys();
    String certificate = pem("CERTIFICATE", keys.getCertificate("k").getEncoded());
    String key = pem("PRIVATE KEY", keys.getKey("k", PASSWORD).getEncoded());
    Map<String, String> settings =
        Map.of(
            "listen", "127.0.0.1:0",
            "data", directory.toString(),
            "tls-certificate", Files.writeString(directory.resolve("c"), certificate).toString(),
            "tls-key", Files.writeString(directory.resolve("k"), key).toString());
    server =
        new HttpServer(
            ServerConfig.read(settings, Map.of()),
            List.of(Route.get("/open", Route.OPEN, ctx -> Bodies.send(ctx, 200, Map.of("a", 1)))),
            (ctx, route) -> {},
            e -> null,
            metrics);
    server.start();
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    client = SSLContext.getInstance("TLS");
    client.init(null, trust.getTrustManagers(), null);
  }

  @AfterEach
  void stop() {
    server.close();
    metrics.close();
  }

  private KeyStore keys() throws Exception {
    Path store = directory.resolve("store");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", "k", "-keyalg", "EC", "-dname", "CN=x"));
    command.addAll(List.of("-ext", "san=ip:127.0.0.1", "-storepass", new String(PASSWORD)));
    command.addAll(List.of("-keystore", store.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), PASSWORD);
    return keys;
  }

  private static String pem(String type, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
  }

  private String ask() throws IOException {
    int port = server.baseUri().getPort();
    try (Socket socket =
        client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write("GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  /** Sends something and waits; answers how long the server did. */
  private Duration held(byte[] hello) throws IOException {
    long start = System.nanoTime();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.baseUri().getPort())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(hello);
      awaitEnd(socket.getInputStream());
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static void awaitEnd(InputStream in) {
    try {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      assertThat(e).as("reset, which is an end as well").hasMessageContaining("reset");
    }
  }

  /** A whole one that a client made, and that it never goes on after. */
  private byte[] clientHello() throws Exception {
    var engine = client.createSSLEngine("127.0.0.1", 443);
    engine.setUseClientMode(true);
    var out = java.nio.ByteBuffer.allocate(64 << 10);
    engine.wrap(java.nio.ByteBuffer.allocate(0), out);
    out.flip();
    byte[] hello = new byte[out.remaining()];
    out.get(hello);
    return hello;
  }

  @Test
  void a_handshake_that_stops_half_way_is_let_go_of_and_others_are_answered() throws Exception {
    byte[] hello = clientHello();
    byte[] half = java.util.Arrays.copyOf(hello, hello.length / 2);
    byte[] first = HexFormat.of().parseHex("16");
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Duration>> held = new ArrayList<>();
      for (byte[] sent : List.of(new byte[0], first, half, hello)) {
        for (int i = 0; i < 20; i++) {
          held.add(clients.submit(() -> held(sent)));
        }
      }

      for (int i = 0; i < 20; i++) {
        assertThat(ask()).startsWith("HTTP/1.1 200");
      }
      for (Future<Duration> each : held) {
        assertThat(each.get())
            .isBetween(
                Connections.FIRST_REQUEST.minusSeconds(2),
                Connections.FIRST_REQUEST.plusSeconds(10));
      }
    }
    assertThat(ask()).startsWith("HTTP/1.1 200");
  }
}
