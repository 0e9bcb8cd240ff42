// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Requests to one queue server, all with one token. Thread-safe. */
public final class RestClient implements AutoCloseable {
  /** Far above any answer but a huge report's. */
  private static final long MOST_ANSWER_BYTES = 256L << 20;

  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final URI server;
  private final Credential credential;
  private final HttpClient http;

  /**
   * @param server without a path, or with the path under which a proxy serves it
   * @param tls null: the authorities this Java trusts
   */
  public RestClient(URI server, Credential credential, @Nullable SSLContext tls) {
    this.server = server;
    this.credential = credential;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(task -> Thread.ofVirtual().name("rollcall-cli-http").start(task));
    if (tls != null) {
      builder.sslContext(tls);
    }
    this.http = builder.build();
  }

  /** What it talks to, for messages. */
  public URI server() {
    return server;
  }

  public Answer send(Call call) throws InterruptedException {
    CompletableFuture<Answer> answer = start(call);
    try {
      return answer.get();
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a call failed in an unforeseen way", e.getCause());
    }
  }

  /**
   * The answer, or the end of the process's interest in it.
   *
   * @throws CommandFailure when it is not a good one
   */
  public Answer.Ok sendOrFail(Call call) throws InterruptedException {
    return orFail(send(call));
  }

  /** Unwraps a good answer. */
  Answer.Ok orFail(Answer answer) {
    return switch (answer) {
      case Answer.Ok ok -> ok;
      case Answer.Refused refused -> throw new CommandFailure.Failed(lines(refused));
      case Answer.Unreachable unreachable ->
          throw new CommandFailure.Failed(
              List.of("cannot reach " + server + ": " + unreachable.reason()));
    };
  }

  List<String> lines(Answer.Refused refused) {
    List<String> lines = new java.util.ArrayList<>(refused.lines());
    if (refused.status() == 401) {
      lines.add("  the token was taken from " + credential.where());
    }
    return lines;
  }

  /** Cancelling the future ends the exchange. */
  CompletableFuture<Answer> start(Call call) {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(
            request(call), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_ANSWER_BYTES));
    CompletableFuture<Answer> answer =
        exchange
            .copy()
            .orTimeout(call.limit().toMillis(), TimeUnit.MILLISECONDS)
            .handle((response, failure) ->
                response == null ? failed(failure, call) : AnswerReader.read(response));
    var _ = answer.whenComplete((_, _) -> exchange.cancel(true));
    return answer;
  }

  private HttpRequest request(Call call) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + call.target()))
            .header("Authorization", "Bearer " + credential.token())
            .header("Accept", "application/json, application/problem+json")
            .header("User-Agent", "rollcall-cli");
    call.headers().forEach(request::header);
    return request
        .method(
            call.method(), call.body() == null ? HttpRequest.BodyPublishers.noBody() : call.body())
        .build();
  }

  private static Answer failed(@Nullable Throwable failure, Call call) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return switch (cause) {
      case TimeoutException _ ->
          new Answer.Unreachable("no answer within " + call.limit().toSeconds() + " s", true);
      case HttpConnectTimeoutException _ ->
          new Answer.Unreachable("no connection within " + CONNECT.toSeconds() + " s", false);
      case ConnectException e when hasCause(e, UnresolvedAddressException.class) ->
          new Answer.Unreachable("the host name cannot be resolved", false);
      case ConnectException _ -> new Answer.Unreachable("connection refused", false);
      case SSLException e -> new Answer.Unreachable("TLS: " + e.getMessage(), false);
      case IOException e -> new Answer.Unreachable("connection lost: " + e.getMessage(), true);
      case null, default ->
          throw new IllegalStateException("a call failed in an unforeseen way", cause);
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
    http.shutdownNow();
  }
}
