// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.edge.cache.TimeLimit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that says exactly what a test wants, byte by byte. */
final class HttpPeerTest {
  private static final TimeLimit LONG = () -> Duration.ofSeconds(10);

  private ServerSocket server;
  private HttpPeer peer;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile List<String> answers = List.of();
  private volatile CountDownLatch hold = new CountDownLatch(0);

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    peer = new HttpPeer(URI.create("http://127.0.0.1:" + server.getLocalPort()), Addresses.ANY);
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void stop() throws IOException {
    hold.countDown();
    peer.close();
    server.close();
  }

  /** Each connection gets all answers, one for each request, and is then closed. */
  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      for (String answer : answers) {
        String request = head(socket.getInputStream());
        if (request.isEmpty()) {
          return;
        }
        requests.add(request);
        hold.await();
        socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
      }
    } catch (IOException e) {
      requests.add("broken: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String head(InputStream in) throws IOException {
    var out = new StringBuilder();
    while (out.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        return "";
      }
      out.append((char) c);
    }
    return out.toString();
  }

  private String body(Request request) throws IOException, InterruptedException {
    var out = new ByteArrayOutputStream();
    peer.exchange(request, out::write, LONG);
    return out.toString(ISO_8859_1);
  }

  @Test
  void the_request_is_sent_as_it_is_given() throws Exception {
    answers = List.of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    peer.exchange(
        new Request("PURGE", "/a%2Fb?", "www.acme.example", Map.of("X-Rollcall", "hard")),
        BodySink.DISCARD,
        LONG);

    assertThat(requests)
        .containsExactly(
            String.join(
                "\r\n",
                "PURGE /a%2Fb? HTTP/1.1",
                "Host: www.acme.example",
                "X-Rollcall: hard",
                "User-Agent: rollcall-edge-poller",
                "",
                ""));
  }

  @ParameterizedTest(name = "{index}")
  @ValueSource(strings = {"", "/a b", "/a\r\nHost: x", "/a\n", "/\u00e9", "/\u0000", "/\t"})
  void a_target_that_is_no_single_word_is_never_sent(String target) {
    assertThatIllegalArgumentException().isThrownBy(() -> Request.get(target, "www.acme.example"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.get("/", "www.acme.example" + target + "\r\n"));
  }

  @Test
  void a_header_with_a_line_break_is_never_sent() {
    Request request = Request.get("/", "www.acme.example");

    assertThatIllegalArgumentException().isThrownBy(() -> request.with("X", "a\r\nY: b"));
    assertThatIllegalArgumentException().isThrownBy(() -> request.with("X: a", "b"));
    assertThatIllegalArgumentException().isThrownBy(() -> request.with("X", ""));
  }

  @ParameterizedTest(name = "{index}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello|hello",
        "HTTP/1.1 200\\r\\ncontent-length:5\\r\\n\\r\\nhello|hello",
        "HTTP/1.1 200 OK\\r\\nTransfer-Encoding:"
            + " chunked\\r\\n\\r\\n3;x=y\\r\\nhel\\r\\n2\\r\\nlo\\r\\n0\\r\\nTrailer:"
            + " x\\r\\n\\r\\n|hello",
        "HTTP/1.0 200 OK\\r\\n\\r\\nhello|hello",
        "HTTP/1.1 100 Continue\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length:"
            + " 5\\r\\n\\r\\nhello|hello",
        "HTTP/1.1 204 None\\r\\n\\r\\n|''",
        "HTTP/1.1 404 Not Found\\r\\nContent-Length: 4\\r\\n\\r\\ngone|gone",
      })
  void bodies_are_read_however_they_are_delimited(String answer, String body) throws Exception {
    answers = List.of(answer.replace("\\r\\n", "\r\n"));

    assertThat(body(Request.get("/", "www.acme.example"))).isEqualTo(body);
  }

  @ParameterizedTest(name = "{index}: {0}")
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhel",
        "HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\n\\r\\n",
        "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhel",
        "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\nhel",
        "HTTP/1.1 200 OK\\r\\nTransfer-Encoding:"
            + " chunked\\r\\n\\r\\n2\\r\\nhello\\r\\n0\\r\\n\\r\\n",
        "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: gzip\\r\\n\\r\\nhello",
        "HTTP/1.1 200 OK\\r\\nno colon\\r\\n\\r\\n",
        "HTTP/1.1 2000 OK\\r\\n\\r\\n",
        "HTTP/2 200\\r\\n\\r\\n",
        "SSH-2.0-OpenSSH_9.2\\r\\n",
        "",
      })
  void an_answer_that_is_not_whole_is_none(String answer) {
    answers = List.of(answer.replace("\\r\\n", "\r\n"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> body(Request.get("/", "www.acme.example")));
  }

  @Test
  void connections_are_used_again_and_one_that_was_closed_meanwhile_is_no_failure()
      throws Exception {
    answers =
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");

    assertThat(body(Request.get("/1", "www.acme.example"))).isEqualTo("a");
    assertThat(body(Request.get("/2", "www.acme.example"))).isEqualTo("b");
    assertThat(body(Request.get("/3", "www.acme.example"))).as("on a new one").isEqualTo("a");
    assertThat(requests).hasSize(3);
  }

  @Test
  void a_body_that_nobody_wants_whole_ends_the_exchange() {
    answers = List.of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

    assertThatExceptionOfType(BodySink.TooLargeException.class)
        .isThrownBy(() ->
            peer.exchange(
                Request.get("/", "www.acme.example"),
                (_, _, _) -> {
                  throw new BodySink.TooLargeException();
                },
                LONG));
  }

  @Test
  void the_time_limit_ends_a_wait_for_an_answer() {
    hold = new CountDownLatch(1);
    answers = List.of("never sent");
    long end = System.nanoTime() + Duration.ofMillis(200).toNanos();

    assertThatExceptionOfType(SocketTimeoutException.class)
        .isThrownBy(() ->
            peer.exchange(
                Request.get("/", "www.acme.example"),
                BodySink.DISCARD,
                () -> Duration.ofNanos(end - System.nanoTime())));
    assertThatExceptionOfType(SocketTimeoutException.class)
        .isThrownBy(() ->
            peer.exchange(
                Request.get("/", "www.acme.example"), BodySink.DISCARD, () -> Duration.ZERO));
  }

  @Test
  void an_interrupt_ends_a_wait_for_an_answer() throws Exception {
    hold = new CountDownLatch(1);
    answers = List.of("never sent");
    var ended = new CompletableFuture<Exception>();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                body(Request.get("/", "www.acme.example"));
              } catch (IOException | InterruptedException e) {
                ended.complete(e);
              }
            });
    org.awaitility.Awaitility.await("the request is out").until(() -> requests.size() == 1);

    waiting.interrupt();

    assertThat(ended.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void a_server_that_is_not_there_is_said() throws Exception {
    int port;
    try (var unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    try (var nobody = new HttpPeer(URI.create("http://127.0.0.1:" + port), Addresses.ANY)) {
      assertThatExceptionOfType(NotConnectedException.class)
          .isThrownBy(
              () -> nobody.exchange(Request.get("/", "www.acme.example"), BodySink.DISCARD, LONG))
          .satisfies(e -> assertThat(e.reason()).isInstanceOf(ConnectException.class));
    }
  }

  @Test
  void what_a_kept_connection_took_may_have_arrived_although_nobody_is_there_now()
      throws Exception {
    var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread answering = Thread.ofVirtual().start(() -> answerOnce(once));
    try (var gone =
        new HttpPeer(URI.create("http://127.0.0.1:" + once.getLocalPort()), Addresses.ANY)) {
      var request = Request.get("/", "www.acme.example");
      assertThat(gone.exchange(request, BodySink.DISCARD, LONG).status()).isEqualTo(200);
      answering.join();

      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> gone.exchange(request, BodySink.DISCARD, LONG));
      assertThatExceptionOfType(NotConnectedException.class)
          .as("and the next time, over none")
          .isThrownBy(() -> gone.exchange(request, BodySink.DISCARD, LONG));
    }
  }

  /** Afterwards nobody is there any more. */
  private static void answerOnce(ServerSocket server) {
    try (server;
        Socket socket = server.accept()) {
      while (!new String(socket.getInputStream().readNBytes(1), ISO_8859_1).equals("\r")) {
        // to the end of the first line; the rest does not matter
      }
      socket
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
