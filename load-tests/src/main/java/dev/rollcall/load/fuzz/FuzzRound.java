// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import dev.rollcall.load.http.HttpConnection;
import dev.rollcall.load.http.Target;
import dev.rollcall.load.process.ServerOptions;
import dev.rollcall.load.process.ServerProcess;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Sends them all, then looks at what they left. Confined to one thread. */
public final class FuzzRound {
  private static final int THREADS = 8;
  private static final int MOST_TRIES = 3;
  private static final int MOST_ERRORS = 5;
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);

  /** How long the last executions may take to end, and holds to be forgotten. */
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private static final List<String> CALLERS =
      List.of(
          "{\"role\": \"operator\"}",
          "{\"role\": \"participant\", \"scope\": \"one\"}",
          "{\"role\": \"customer\", \"scope\": \"one/shop\"}",
          "{\"role\": \"reporter\"}",
          "{\"role\": \"peer\", \"scope\": \"two\"}",
          "{\"role\": \"server\", \"scope\": \"one/s1\"}");

  /** The last two callers: machines, of which one is let in and the other is to wait. */
  private static final List<String> JOINING =
      List.of(
          "{\"participant\": \"two\", \"uses\": 10000}",
          "{\"participant\": \"two\", \"uses\": 10000, \"approval\": true}");

  private final ServerProcess server;
  private final Answered answered = new Answered();
  private final List<String> tokens = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private FuzzRound(ServerProcess server) {
    this.server = server;
  }

  /**
   * What came of it.
   *
   * @param neverDone operations that no request was done of
   * @param byStatus answers; 0: a connection that was closed without one
   * @param complaints what should not be
   */
  public record Outcome(
      Map<Integer, Long> byStatus, int accepted, List<String> neverDone, List<String> complaints) {
    public Outcome {
      neverDone = List.copyOf(neverDone);
      byStatus = Map.copyOf(byStatus);
      complaints = List.copyOf(complaints);
    }
  }

  /** Starts a server, sends so many random and hostile requests, and judges. */
  public static Outcome run(ServerOptions options, long seed, int random, int hostile)
      throws IOException {
    try (ServerProcess server = ServerProcess.start(options)) {
      return new FuzzRound(server).run(seed, random, hostile);
    }
  }

  private Outcome run(long seed, int random, int hostile) throws IOException {
    Description description = prepare();
    DatabaseRows before = DatabaseRows.read(server.database());
    var requests = new Requests(seed, Instant.now(), tokens.size(), description, answered::known);
    inParallel(random, number -> send(requests.number(number), 1));
    var bytes = new HostileRequests(seed, tokens);
    inParallel(hostile, number -> sendRaw(bytes.number(number)));
    List<String> complaints = new ArrayList<>(settled(before));
    List<String> errors = server.errors();
    errors.stream()
        .limit(MOST_ERRORS)
        .forEach(line -> complaints.add("one of " + errors.size() + " errors in the log: " + line));
    List<String> neverDone =
        description.operations().stream()
            .map(Description.Operation::name)
            .filter(name -> !answered.wasDone(name))
            .toList();
    return new Outcome(answered.byStatus(), answered.commands(), neverDone, complaints);
  }

  private Description prepare() throws IOException {
    try (var operator = new HttpConnection(server.target(), server.adminToken(), LONGEST_ANSWER)) {
      operator.put("/v1/registry", Words.MANIFEST).require(200);
      for (String caller : CALLERS) {
        tokens.add(token(operator.post("/v1/tokens", caller)));
      }
      for (String machine : JOINING) {
        tokens.add(token(operator.post("/v1/join-tokens", machine)));
      }
      return Description.of(operator.get("/openapi.yaml").require(200).body());
    }
  }

  private static String token(HttpConnection.Answer made) throws IOException {
    return Json.MAPPER.readTree(made.require(201).body()).path("token").asString();
  }

  private static void inParallel(int count, IntConsumer work) {
    var next = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int i = 0; i < THREADS; i++) {
        threads.execute(() -> {
          for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
            work.accept(n);
          }
        });
      }
    }
  }

  private void send(FuzzRequest request, int tries) {
    Target target = server.target();
    var builder =
        HttpRequest.newBuilder(
                URI.create("http://" + target.host() + ":" + target.port() + request.path()))
            .timeout(LONGEST_ANSWER)
            .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
    request.headers().forEach(builder::header);
    if (request.caller() >= 0) {
      builder.header("Authorization", "Bearer " + tokens.get(request.caller()));
    }
    try {
      HttpResponse<String> response =
          client.send(builder.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      answered.note(request, response.statusCode(), response.body());
    } catch (IOException e) {
      again(request, e, tries);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A connection is closed after an answer that came before the body had: then the next request may
   * be sent into it, and is answered by nobody. If it was taken after all, that is found later.
   */
  private void again(FuzzRequest request, IOException e, int tries) {
    answered.count(0);
    if (tries == MOST_TRIES) {
      answered.complain("no answer (" + e + ") to " + request);
    } else {
      send(request, tries + 1);
    }
  }

  /** Closing the connection is an answer; to say nothing and keep it open is none. */
  private void sendRaw(HostileRequests.Hostile hostile) {
    Target target = server.target();
    try (Socket socket = new Socket(target.host(), target.port())) {
      socket.setSoTimeout(Math.toIntExact(LONGEST_ANSWER.toMillis()));
      socket.getOutputStream().write(hostile.bytes());
      socket.shutdownOutput();
      String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      note(hostile.is(), said);
    } catch (SocketTimeoutException e) {
      answered.complain("it hangs: " + hostile.is());
    } catch (SocketException e) {
      answered.count(0);
    } catch (IOException e) {
      answered.complain(e + " at " + hostile.is());
    }
  }

  private void note(FuzzRequest request, String said) {
    if (!said.startsWith("HTTP/1.1 ")) {
      answered.count(0);
      return;
    }
    int status = Integer.parseInt(said.substring(9, 12));
    int body = said.indexOf("\r\n\r\n");
    answered.note(request, status, said.substring(body + 4));
  }

  private List<String> settled(DatabaseRows before) {
    long end = System.nanoTime() + SETTLING.toNanos();
    List<String> complaints = answered.complaints(before, DatabaseRows.read(server.database()));
    while (!complaints.isEmpty() && System.nanoTime() < end) {
      java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      complaints = answered.complaints(before, DatabaseRows.read(server.database()));
    }
    return complaints;
  }
}
