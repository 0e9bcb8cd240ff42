// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.config.TlsFiles;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.protocol.edge.LeaseRenewal;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The edge protocol of one queue server. Thread-safe. */
public final class QueueClient implements AutoCloseable {
  /** Far above what the protocol allows, so that only an answer gone wrong meets it. */
  private static final long MOST_ANSWER_BYTES = 4L << 20;

  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final URI server;
  private final TokenSource tokens;
  private final String userAgent;
  private final Duration margin;
  private final Ticker ticker;
  private final ReentrantLock connecting = new ReentrantLock();

  @GuardedBy("connecting")
  private final ServerTls tls;

  @GuardedBy("connecting")
  private HttpClient http;

  private volatile @Nullable String token;

  /**
   * @param tls files that are looked at before each call; a change is for the connections after it
   * @param margin how long an answer may take beyond the wait that was asked for
   */
  public QueueClient(
      URI server,
      TokenSource tokens,
      TlsFiles tls,
      String version,
      Duration margin,
      Ticker ticker) {
    this.server = server;
    this.tokens = tokens;
    this.userAgent = "rollcall-edge-poller/" + version;
    this.margin = margin;
    this.ticker = ticker;
    this.tls = new ServerTls(tls);
    this.http = connect(this.tls.ifChanged());
  }

  private static HttpClient connect(@Nullable SSLContext context) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(task -> Thread.ofVirtual().name("rollcall-http").start(task));
    if (context != null) {
      builder.sslContext(context);
    }
    return builder.build();
  }

  /** What is under way on the connections of before goes on. */
  private HttpClient http() {
    connecting.lock();
    try {
      SSLContext changed = tls.ifChanged();
      if (changed != null) {
        http.shutdown();
        http = connect(changed);
      }
      return http;
    } finally {
      connecting.unlock();
    }
  }

  /** Reports results, then asks for work. Blocks for the wait that is asked for. */
  public CallOutcome<EdgeAnswer> poll(PollRequest request) throws InterruptedException {
    Duration limit = margin.plusSeconds(request.waitSeconds());
    return call("/v1/edge/poll", request, limit, AnswerReader::poll);
  }

  /** Reports results only. */
  public CallOutcome<List<PollAnswer.VerdictItem>> results(List<ResultItem> results)
      throws InterruptedException {
    return call("/v1/edge/results", Map.of("results", results), margin, AnswerReader::results);
  }

  /** Asks for leases to be prolonged. */
  public CallOutcome<List<LeaseRenewal.Entry>> renew(List<LeaseRenewal.Item> leases)
      throws InterruptedException {
    var request = new LeaseRenewal.Request(leases);
    return call("/v1/edge/leases", request, margin, AnswerReader::renewals);
  }

  /**
   * Asks for this machine's credential; the token that is sent is a join token.
   *
   * @param name the server's, within its participant
   * @param claim a secret of this machine, the same each time it asks
   */
  public CallOutcome<EnrolmentAnswer> enroll(String name, String claim)
      throws InterruptedException {
    var request = Map.of("name", name, "claim", claim);
    return call("/v1/edge/enroll", request, margin, AnswerReader::enrolment);
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(byte[] body) throws AnswerReader.UnusableException;
  }

  private <T> CallOutcome<T> call(String path, Object body, Duration limit, Reader<T> reader)
      throws InterruptedException {
    String used;
    try {
      used = token();
    } catch (TokenSource.TokenException e) {
      return new CallOutcome.Unauthenticated<>(String.valueOf(e.getMessage()));
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + path))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("User-Agent", userAgent)
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)));
    if (!used.isEmpty()) {
      request.header("Authorization", "Bearer " + used);
    }
    return send(request.build(), limit, reader);
  }

  /** The time limit covers the whole exchange; the client's own would end with the headers. */
  private <T> CallOutcome<T> send(HttpRequest request, Duration limit, Reader<T> reader)
      throws InterruptedException {
    var received = new AtomicLong();
    HttpResponse.BodyHandler<byte[]> bytes =
        info -> {
          received.set(ticker.nanos());
          return BodyHandlers.ofByteArray().apply(info);
        };
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http().sendAsync(request, BodyHandlers.limiting(bytes, MOST_ANSWER_BYTES));
    try {
      HttpResponse<byte[]> response = exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return outcome(response, received.get(), reader);
    } catch (TimeoutException e) {
      exchange.cancel(true);
      return new CallOutcome.Failed<>("no answer within " + limit.toSeconds() + " s");
    } catch (InterruptedException e) {
      exchange.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      return new CallOutcome.Failed<>(reason(e.getCause()));
    }
  }

  private <T> CallOutcome<T> outcome(
      HttpResponse<byte[]> response, long receivedNanos, Reader<T> reader) {
    int status = response.statusCode();
    return switch (status) {
      case 200, 201, 202 -> {
        try {
          yield new CallOutcome.Answered<>(reader.read(response.body()), receivedNanos);
        } catch (AnswerReader.UnusableException e) {
          yield new CallOutcome.Failed<>(String.valueOf(e.getMessage()));
        }
      }
      case 401, 403 -> {
        token = null; // read anew for the next call: it may have been replaced
        yield new CallOutcome.Unauthenticated<>(ProblemBody.summary(status, response.body()));
      }
      case 429, 503 -> new CallOutcome.Throttled<>(status, RetryAfter.of(response.headers()));
      case 400, 409, 413 ->
          new CallOutcome.Refused<>(
              status,
              ProblemBody.isProblem(response.body()),
              ProblemBody.problems(response.body()));
      case 301, 302, 303, 307, 308 -> new CallOutcome.Failed<>(redirected(response));
      default -> new CallOutcome.Failed<>(ProblemBody.summary(status, response.body()));
    };
  }

  private static String redirected(HttpResponse<byte[]> response) {
    return "status "
        + response.statusCode()
        + ": it redirects to "
        + ProblemBody.clipped(response.headers().firstValue("Location").orElse("nowhere"))
        + ", and redirects are not followed";
  }

  private String token() throws TokenSource.TokenException {
    String known = token;
    if (known == null) {
      known = tokens.read();
      token = known;
    }
    return known;
  }

  private static String reason(@Nullable Throwable cause) {
    return switch (cause) {
      case HttpTimeoutException _ -> "no connection in time";
      case ConnectException e when hasCause(e, UnresolvedAddressException.class) ->
          "the host name cannot be resolved";
      case ConnectException e -> e.getMessage() == null ? "connection refused" : e.getMessage();
      case SSLException e -> "TLS: " + e.getMessage();
      case IOException e -> "connection lost: " + e.getMessage();
      case null -> "unknown";
      default -> throw new IllegalStateException("unexpected failure of a call", cause);
    };
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    connecting.lock();
    try {
      http.shutdownNow();
    } finally {
      connecting.unlock();
    }
  }
}
