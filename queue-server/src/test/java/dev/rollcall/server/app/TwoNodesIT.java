// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.testkit.TestDatabase;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers as processes on one database, while one of them is killed, paused, cut off, renewed.
 */
final class TwoNodesIT {
  private static final String OPERATOR = "two-nodes-test-operator-0123456789-ab";
  private static final int EDGES = 6;
  private static final int COMMANDS = 60;
  private static final Duration PAUSE = Duration.ofSeconds(15);

  @TempDir private Path temp;
  private TestDatabase database;
  private StallingProxy proxy;
  private int[] ports;
  private final ServerProcess[] nodes = new ServerProcess[2];
  private List<Api> operators;
  private final AtomicInteger executed = new AtomicInteger();
  private final List<RovingEdge> edges = new ArrayList<>();
  private final List<CompletableFuture<Void>> running = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    database = TestDatabase.migrated();
    proxy = new StallingProxy(database.dataSource().getPortNumbers()[0]);
    ports = new int[] {ServerProcess.freePort(), ServerProcess.freePort()};
    nodes[0] = serve(0);
    nodes[1] = serve(1);
    operators =
        IntStream.of(ports)
            .mapToObj(
                port -> new Api(ServerProcess.base(port), OPERATOR).patience(Duration.ofSeconds(5)))
            .toList();
    operators
        .getFirst()
        .putYaml(
            "/v1/registry",
            """
            participants:
              - name: alpha
                delivery: poll
                servers: [%s]
                configurations: [{name: www, hosts: [www.acme.example], deployments: ["alpha/*"]}]
            """
                .formatted(
                    IntStream.range(0, EDGES)
                        .mapToObj("{name: e%d}"::formatted)
                        .collect(Collectors.joining(", "))))
        .status(200);
    await("both nodes know each other and the registry")
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            metric(0, "rollcall_nodes_alive") == 2
                && metric(1, "rollcall_nodes_alive") == 2
                && operators.get(1).get("/v1/registry").text().contains("e5"));
  }

  /** The first reaches the database by a way that can be made to stall. */
  private ServerProcess serve(int node) throws Exception {
    Path data = temp.resolve("node" + node).resolve("data");
    Files.createDirectories(data.getParent());
    String url = database.jdbcUrl();
    if (node == 0) {
      url =
          url.replace(
              ":" + database.dataSource().getPortNumbers()[0] + "/", ":" + proxy.port() + "/");
    }
    return ServerProcess.serve(
        data, ports[node], Map.of("ROLLCALL_ADMIN_TOKEN", OPERATOR, "ROLLCALL_DATABASE_URL", url));
  }

  @AfterEach
  void stop() throws Exception {
    edges.forEach(RovingEdge::stop);
    for (ServerProcess node : nodes) {
      if (node != null) {
        node.signal("CONT");
        node.kill();
      }
    }
    proxy.close();
    database.close();
  }

  private double metric(int node, String name) {
    return operators
        .get(node)
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .sum();
  }

  private Api edge(int number, int node) {
    String token =
        operators
            .get(node)
            .post("/v1/participants/alpha/servers/e" + number + "/token", "")
            .status(201)
            .json()
            .path("token")
            .asString();
    return new Api(ServerProcess.base(ports[node]), token).patience(Duration.ofSeconds(5));
  }

  private void startEdges() {
    for (int i = 0; i < EDGES; i++) {
      Api one = edge(i, 1);
      Api other = one.at(ServerProcess.base(ports[0]));
      edges.add(
          new RovingEdge(
              "edge-" + i, i % 2 == 0 ? List.of(one, other) : List.of(other, one), executed));
    }
    edges.forEach(edge ->
        running.add(
            Later.run(() -> {
              edge.run();
              return null;
            })));
  }

  private void stopEdges() {
    edges.forEach(RovingEdge::stop);
    running.forEach(CompletableFuture::join);
  }

  /** At a node that takes it, with a key, so that one whose answer was lost can be sent again. */
  private String submit(int number) {
    String body =
        CommandJson.purge("alpha/www", "https://www.acme.example/" + number)
            .option("leaseSeconds", "3")
            .option("maxAttempts", "50")
            .toString();
    var id = new AtomicReference<String>();
    var turn = new AtomicInteger(number);
    await("command " + number + " is accepted")
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          try {
            Api.Answer answer =
                operators
                    .get(turn.getAndIncrement() % 2)
                    .post("/v1/commands", body, Map.of("Idempotency-Key", "key-" + number));
            assertThat(answer.status()).as(answer.text()).isIn(202, 503);
            if (answer.status() == 202) {
              id.set(answer.json().path("id").asString());
            }
          } catch (UncheckedIOException e) {
            return false; // that node is away: the other
          }
          return id.get() != null;
        });
    return id.get();
  }

  /** What happens to the first node while commands are under way. */
  private interface Breakage {
    void happen() throws Exception;
  }

  private void work(Breakage breakage) throws Exception {
    startEdges();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < COMMANDS / 2; i++) {
      ids.add(submit(i));
    }
    await("results are under way").until(() -> executed.get() > EDGES);
    CompletableFuture<Void> happening =
        CompletableFuture.runAsync(() -> {
          try {
            breakage.happen();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    for (int i = COMMANDS / 2; i < COMMANDS; i++) {
      ids.add(submit(i));
    }
    await("all commands have ended")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .until(() ->
            number("select count(*) from command where final_state = 'complete'") == COMMANDS);
    happening.join();
    stopEdges();
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(edges).allSatisfy(edge -> assertThat(edge.complaints()).isEmpty());
    assertCountedOnce();
  }

  private void assertCountedOnce() {
    long all = (long) COMMANDS * EDGES;
    assertThat(number("select count(*) from command")).isEqualTo(COMMANDS);
    assertThat(number("select count(*) from queue where server_id > 0")).isZero();
    assertThat(number("select count(*) from execution_result where state = 'succeeded'"))
        .isEqualTo(all);
    assertThat(number("select count(*) from execution_result")).isEqualTo(all);
    assertThat(number("select sum(succeeded) from rollup where succeeded = targeted"))
        .isEqualTo(all);
  }

  private long number(String sql) {
    return database.jdbi().withHandle(handle -> handle.createQuery(sql).mapTo(Long.class).one());
  }

  private String upkeepHolder() {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select coalesce(max(n.address), '') from upkeep_lease l join node n on"
                        + " n.id::text = l.holder where l.until > clock_timestamp()")
                .mapTo(String.class)
                .one());
  }

  @Test
  void a_submit_at_one_wakes_a_poll_at_the_other_and_a_cancel_reaches_it() {
    Api edge = edge(0, 1).patience(Duration.ofSeconds(30));
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      CompletableFuture<Api.Answer> parked =
          Later.run(() -> edge.post("/v1/edge/poll", "{\"capacity\": 1, \"waitSeconds\": 20}"));
      await("parked").until(() -> metric(1, "rollcall_polls_parked") == 1);
      long start = System.nanoTime();
      String id =
          CommandJson.purge("alpha/www", "https://www.acme.example/" + i)
              .target("{\"servers\": [\"alpha/e0\"]}")
              .id(operators.getFirst());
      Edge.Lease lease = Edge.leases(Later.within(parked).status(200).json()).getFirst();
      millis.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
      assertThat(lease.command()).isEqualTo(id);

      CompletableFuture<Api.Answer> news =
          Later.run(() -> edge.post("/v1/edge/poll", "{\"capacity\": 0, \"waitSeconds\": 20}"));
      await("parked").until(() -> metric(1, "rollcall_polls_parked") == 1);
      operators.getFirst().post("/v1/commands/" + id + "/cancel").status(202);
      assertThat(Later.within(news).json().path("cancelled").path(0).path("command").asString())
          .isEqualTo(id);
      edge.post("/v1/edge/results", "{\"results\": [" + lease.result("failed") + "]}").status(200);
    }
    assertThat(millis.stream().sorted().toList().get(4)).as("of %s", millis).isLessThan(400);
  }

  @Test
  void after_kill_9_of_one_nothing_is_lost_and_the_other_does_upkeep() throws Exception {
    work(() -> {
      nodes[0].kill();
      await("the other does upkeep")
          .atMost(Duration.ofSeconds(30))
          .until(() -> upkeepHolder().endsWith(":" + ports[1]));
      nodes[0] = serve(0);
    });
  }

  @Test
  void one_that_is_paused_and_goes_on_does_no_harm() throws Exception {
    work(() -> {
      nodes[0].signal("STOP");
      await("the other does upkeep")
          .atMost(Duration.ofSeconds(30))
          .until(() -> upkeepHolder().endsWith(":" + ports[1]));
      awaitPause();
      nodes[0].signal("CONT");
      await("it serves again")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> operators.getFirst().get("/readyz").status() == 200);
      assertThat(upkeepHolder()).endsWith(":" + ports[1]);
    });
  }

  @Test
  void one_that_is_cut_off_from_the_database_does_no_harm() throws Exception {
    work(() -> {
      proxy.stall();
      await("the other does upkeep")
          .atMost(Duration.ofSeconds(30))
          .until(() -> upkeepHolder().endsWith(":" + ports[1]));
      awaitPause();
      proxy.resume();
      await("it serves again")
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> operators.getFirst().get("/readyz").status() == 200);
    });
  }

  /** Longer than an upkeep lease and than a node counts as alive. */
  private static void awaitPause() {
    long end = System.nanoTime() + PAUSE.toNanos();
    await("the pause is over").atMost(PAUSE.plusSeconds(5)).until(() -> System.nanoTime() > end);
  }

  @Test
  void both_are_restarted_one_after_the_other_without_an_error_at_the_edges() throws Exception {
    work(() -> {
      for (int node = 0; node < 2; node++) {
        nodes[node].terminate();
        assertThat(nodes[node].awaitExit(Duration.ofSeconds(15))).isZero();
        nodes[node] = serve(node);
      }
    });
    assertThat(number("select count(*) from attempt_log where late"))
        .as("nothing was handed out twice: what was under way was finished")
        .isZero();
  }

  @Test
  void while_the_database_stalls_polls_are_answered_in_time_and_a_stop_takes_no_longer_than_ever()
      throws Exception {
    Api edge = edge(0, 0).patience(Duration.ofSeconds(40));
    edge.post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
    long parkedAt = System.nanoTime();
    CompletableFuture<Api.Answer> parked =
        Later.run(() -> edge.post("/v1/edge/poll", "{\"capacity\": 1, \"waitSeconds\": 12}"));
    await("parked").until(() -> metric(0, "rollcall_polls_parked") == 1);

    proxy.stall();

    assertThat(Later.within(parked).status()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - parkedAt)).isLessThan(Duration.ofSeconds(16));
    Api.Answer refused = edge.post("/v1/edge/poll", "{\"capacity\": 1, \"waitSeconds\": 0}");
    assertThat(refused.status()).as(refused.text()).isEqualTo(503);
    assertThat(refused.headers()).containsKey("Retry-After");

    List<CompletableFuture<Api.Answer>> load = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      load.add(
          Later.run(() -> edge.post("/v1/edge/poll", "{\"capacity\": 1, \"waitSeconds\": 5}")));
    }
    long told = System.nanoTime();
    nodes[0].terminate();
    assertThat(nodes[0].awaitExit(Duration.ofSeconds(20))).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(10));
    load.forEach(poll -> poll.exceptionally(e -> null).join());
  }

  @Test
  void when_the_database_answers_again_so_does_the_node() throws Exception {
    proxy.stall();
    awaitPause();
    proxy.resume();
    await("it serves again")
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> operators.getFirst().get("/readyz").status() == 200);
    String id = CommandJson.purge("alpha/www", "https://www.acme.example/1").id(operators.get(1));
    assertThat(
            Edge.commands(
                Edge.leases(
                    edge(0, 0)
                        .post("/v1/edge/poll", "{\"capacity\": 1, \"waitSeconds\": 4}")
                        .status(200)
                        .json())))
        .containsExactly(id);
  }
}
