// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as it is run: killed, stopped, started twice. */
final class ServerProcessIT {
  private static final String OPERATOR = "process-test-operator-0123456789-abcdef";
  private static final Map<String, String> ENVIRONMENT = Map.of("ROLLCALL_ADMIN_TOKEN", OPERATOR);
  private static final int EDGES = 6;
  private static final int COMMANDS = 60;

  @TempDir private Path temp;
  private Path data;
  private int port;
  private Api operator;

  @BeforeEach
  void prepare() throws Exception {
    data = temp.resolve("data");
    port = ServerProcess.freePort();
    operator = new Api(ServerProcess.base(port), OPERATOR);
  }

  /** What breaks while commands are under way. */
  private interface Breakage {
    ServerProcess happen(ServerProcess server) throws Exception;
  }

  @Test
  void after_kill_9_of_the_server_everything_ends_and_is_counted_once() throws Exception {
    work(server -> {
      server.kill();
      return ServerProcess.serve(data, port, ENVIRONMENT);
    });
  }

  @Test
  void after_an_immediate_stop_of_postgresql_everything_ends_and_is_counted_once()
      throws Exception {
    work(server -> {
      long pid =
          Long.parseLong(
              Files.readAllLines(data.resolve("cluster").resolve("postmaster.pid"))
                  .getFirst()
                  .strip());
      new ProcessBuilder("kill", "-QUIT", String.valueOf(pid)).start().waitFor();
      return server;
    });
  }

  private void work(Breakage breakage) throws Exception {
    ServerProcess server = ServerProcess.serve(data, port, ENVIRONMENT);
    var executed = new AtomicInteger();
    List<EdgeLoop> loops = edges(executed);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      loops.forEach(threads::execute);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < COMMANDS; i++) {
        ids.add(submit(i));
        if (i == COMMANDS / 2) {
          Awaitility.await("results are under way").until(() -> executed.get() > EDGES);
          server = breakage.happen(server);
        }
      }
      Awaitility.await("all commands have ended")
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> ids.stream().allMatch(this::isComplete));
      loops.forEach(EdgeLoop::stop);
    } finally {
      server.close();
    }
    checkCounts();
  }

  private List<EdgeLoop> edges(AtomicInteger executed) {
    String servers =
        IntStream.range(0, EDGES)
            .mapToObj(i -> "{name: e%d}".formatted(i))
            .collect(Collectors.joining(", "));
    Api.Answer applied =
        operator.putYaml(
            "/v1/registry",
            """
            participants:
              - name: alpha
                delivery: poll
                servers: [%s]
                configurations: [{name: www, hosts: [www.acme.example], deployments: ["alpha/*"]}]
            """
                .formatted(servers));
    assertThat(applied.status()).as(applied.text()).isEqualTo(200);
    List<EdgeLoop> loops = new ArrayList<>();
    for (int i = 0; i < EDGES; i++) {
      String token =
          operator
              .post("/v1/participants/alpha/servers/e" + i + "/token", "")
              .json()
              .path("token")
              .asString();
      loops.add(new EdgeLoop(new Api(ServerProcess.base(port), token), executed));
    }
    return loops;
  }

  /** With a key, so that a submit whose answer was lost can be sent again. */
  private String submit(int number) {
    String body =
        """
        {"operation": "purge", "target": {"configuration": "alpha/www"},
         "parameters": {"urls": ["https://www.acme.example/%d"]}, "options": {"leaseSeconds": 3}}
        """
            .formatted(number);
    var answer = new Api.Answer[1];
    Awaitility.await("command " + number + " is accepted")
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> {
          answer[0] =
              operator.post("/v1/commands", body, Map.of("Idempotency-Key", "key-" + number));
          return answer[0].status() == 202;
        });
    return answer[0].json().path("id").asString();
  }

  private boolean isComplete(String id) {
    return operator.get("/v1/commands/" + id).text().contains("\"state\":\"complete\",\"origin\"");
  }

  private void checkCounts() throws Exception {
    ServerProcess server = ServerProcess.serve(data, port, ENVIRONMENT);
    try {
      DatabaseAddress address = EmbeddedPostgres.running(data).orElseThrow();
      assertThat(number(address, "select count(*) from rollcall.command")).isEqualTo(COMMANDS);
      assertThat(number(address, "select count(*) from rollcall.queue where server_id > 0"))
          .isZero();
      assertThat(number(address, "select count(*) from rollcall.execution_result"))
          .isEqualTo((long) COMMANDS * EDGES);
      assertThat(
              number(
                  address,
                  "select sum(succeeded) from rollcall.rollup where succeeded = targeted and failed"
                      + " + rejected + expired + cancelled = 0"))
          .isEqualTo((long) COMMANDS * EDGES);
      assertThat(
              number(
                  address, "select count(*) from rollcall.command where completed_at is not null"))
          .isEqualTo(COMMANDS);
    } finally {
      server.close();
    }
  }

  private static long number(DatabaseAddress address, String sql) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(address.url(), address.user(), address.password());
        Statement statement = connection.createStatement();
        ResultSet rs = statement.executeQuery(sql)) {
      rs.next();
      return rs.getLong(1);
    }
  }

  @Test
  void on_sigterm_parked_polls_are_answered_empty_and_the_status_is_0() throws Exception {
    try (ServerProcess server = ServerProcess.serve(data, port, ENVIRONMENT);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      edges(new AtomicInteger());
      Api edge = tokenOf("e0");
      Future<Api.Answer> parked =
          threads.submit(
              () -> edge.post("/v1/edge/poll", "{\"capacity\": 1, \"waitSeconds\": 60}"));
      Awaitility.await("the poll is parked")
          .until(() -> operator.get("/metrics").text().contains("rollcall_polls_parked 1.0"));

      server.terminate();

      assertThat(parked.get().status()).isEqualTo(200);
      assertThat(parked.get().json().path("executions")).isEmpty();
      assertThat(server.awaitExit(Duration.ofSeconds(20))).isZero();
      assertThat(EmbeddedPostgres.running(data)).isEmpty();
    }
  }

  private Api tokenOf(String server) {
    return new Api(
        ServerProcess.base(port),
        operator
            .post("/v1/participants/alpha/servers/" + server + "/token", "")
            .json()
            .path("token")
            .asString());
  }

  @Test
  void a_second_server_on_the_directory_says_who_holds_it() throws Exception {
    try (ServerProcess first = ServerProcess.serve(data, port, ENVIRONMENT);
        ServerProcess second =
            ServerProcess.run(
                temp.resolve("second.log"),
                ENVIRONMENT,
                "serve",
                "--data",
                data.toString(),
                "--listen",
                "127.0.0.1:0")) {
      assertThat(second.awaitExit(Duration.ofSeconds(30))).isEqualTo(1);
      assertThat(second.output())
          .contains(data.toString())
          .contains("process " + first.handle().pid());
      assertThat(operator.get("/readyz").status()).isEqualTo(200);
    }
  }

  @Test
  void without_any_token_one_is_made_and_its_file_named() throws Exception {
    try (ServerProcess server = ServerProcess.serve(data, port, Map.of())) {
      Path file = data.resolve("admin-token");
      assertThat(server.output()).contains(file.toString());
      String token = Files.readString(file).strip();
      assertThat(new Api(ServerProcess.base(port), token).get("/v1/registry").status())
          .isEqualTo(200);
      assertThat(server.output()).doesNotContain(token);
    }
  }

  @Test
  void no_secret_is_in_the_log_nor_in_the_process_list() throws Exception {
    Map<String, String> verbose =
        Map.of("ROLLCALL_ADMIN_TOKEN", OPERATOR, "ROLLCALL_LOG_LEVEL", "TRACE");
    try (ServerProcess server = ServerProcess.serve(data, port, verbose)) {
      edges(new AtomicInteger());
      String token =
          operator.post("/v1/tokens", "{\"role\": \"operator\"}").json().path("token").asString();
      new Api(ServerProcess.base(port), token).get("/v1/registry");
      new Api(ServerProcess.base(port), "rct_guess-that-is-wrong").get("/v1/registry");
      submit(1);
      String password = Files.readString(data.resolve("postgresql-password")).strip();

      assertThat(server.output())
          .doesNotContain(OPERATOR)
          .doesNotContain(token)
          .doesNotContain("rct_guess-that-is-wrong")
          .doesNotContain(password);
      assertThat(commandLines()).doesNotContain(OPERATOR).doesNotContain(password);
    }
  }

  private static String commandLines() {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void settings_that_cannot_be_used_are_all_named_at_once() throws Exception {
    try (ServerProcess server =
        ServerProcess.run(
            temp.resolve("bad.log"),
            Map.of("ROLLCALL_ADMIN_TOKEN", "short", "ROLLCALL_DATABASE_CONNECTIONS", "many"),
            "serve",
            "--data",
            data.toString(),
            "--listen",
            "0.0.0.0:99999")) {
      assertThat(server.awaitExit(Duration.ofSeconds(30))).isEqualTo(2);
      assertThat(server.output())
          .contains("ROLLCALL_ADMIN_TOKEN")
          .contains("ROLLCALL_DATABASE_CONNECTIONS")
          .contains("--listen")
          .contains("99999")
          .doesNotContain("Exception");
      assertThat(data).doesNotExist();
    }
  }
}
