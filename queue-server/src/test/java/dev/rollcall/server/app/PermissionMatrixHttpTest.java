// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.server.app.PermissionTable.Line;
import dev.rollcall.server.app.PermissionTable.Who;
import dev.rollcall.server.app.PermissionTable.Whose;
import dev.rollcall.server.app.PermissionThings.Filled;
import dev.rollcall.server.app.PermissionThings.Owner;
import dev.rollcall.server.web.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every route, asked by every role about its own things, another's, and none. */
final class PermissionMatrixHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final List<Line> TABLE = PermissionTable.read();
  private static final Map<Who, Api> callers = new EnumMap<>(Who.class);

  @BeforeAll
  static void begin() {
    Federation federation = Federation.fresh(server, PermissionThings.MANIFEST);
    for (Who who : Who.values()) {
      callers.put(who, federation.as(who.role(), who.scope()));
    }
  }

  private static Api as(Who who) {
    return Objects.requireNonNull(callers.get(who));
  }

  private static Api.Answer send(Api api, String method, Filled request) {
    return send(api, method, request, Map.of());
  }

  private static Api.Answer send(
      Api api, String method, Filled request, Map<String, String> headers) {
    Map<String, String> all = new TreeMap<>(headers);
    if (!request.body().isEmpty()) {
      all.putIfAbsent("Content-Type", "application/json");
    }
    return api.send(method, request.path(), request.body(), all);
  }

  @Test
  void every_route_has_its_rule_and_every_rule_its_route() {
    assertThat(TABLE.stream().map(Line::key).collect(Collectors.toSet()))
        .as("routes in permissions.txt, and those that the server has")
        .isEqualTo(
            server.routes().stream()
                .map(route -> route.method() + " " + route.path())
                .collect(Collectors.toSet()));
  }

  @Test
  void metrics_of_participants_are_shown_to_each_of_them_and_to_who_sees_all() {
    var things = new PermissionThings(server.operator());
    things.cancelledCommand(PermissionThings.OWN);
    things.cancelledCommand(PermissionThings.FOREIGN);

    for (Who who : Who.values()) {
      if (who != Who.SERVER) {
        String shown = as(who).get("/metrics").status(200).text();
        boolean own = who.seesAll() || who == Who.PARTICIPANT || who == Who.REPORTER_OF_ONE;
        assertThat(shown.contains("participant=\"amber\"")).as("%s", who).isEqualTo(own);
        assertThat(shown.contains("participant=\"birch\"")).as("%s", who).isEqualTo(who.seesAll());
        assertThat(shown).contains("rollcall_polls_parked");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void each_role_is_answered_what_the_table_says(Who who) {
    var things = new PermissionThings(server.operator());
    for (Line line : TABLE) {
      ask(things, who, line, Whose.OWN, PermissionThings.OWN);
      String about = ask(things, who, line, Whose.ANOTHERS, PermissionThings.FOREIGN);
      String aboutNone = ask(things, who, line, Whose.NOBODYS, PermissionThings.NOBODY);
      if (!who.seesAll() && isAboutSomebody(line)) {
        assertThat(about).as("%s by %s about birch's", line, who).isEqualTo(aboutNone);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CUSTOMER", "SERVER"})
  void what_is_beside_the_caller_in_its_own_participant_is_as_unknown(Who who) {
    var things = new PermissionThings(server.operator());
    for (Line line : TABLE) {
      if (line.path().contains("?participant=") || !isAboutSomebody(line)) {
        continue; // both name the caller's own participant
      }
      String about = ask(things, who, line, Whose.ANOTHERS, PermissionThings.NEIGHBOUR);
      String aboutNone = ask(things, who, line, Whose.NOBODYS, PermissionThings.NO_NEIGHBOUR);
      if (!line.body().contains("\"selector\"")) {
        assertThat(about).as("%s by %s about olaf's", line, who).isEqualTo(aboutNone);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PARTICIPANT", "REPORTER_OF_ONE"})
  void conditions_on_anothers_thing_are_answered_as_on_none(Who who) {
    var things = new PermissionThings(server.operator());
    for (Line line : TABLE) {
      if (!line.path().contains("${")) {
        continue;
      }
      Filled foreign = things.fill(line, PermissionThings.FOREIGN);
      Filled none = things.fill(line, PermissionThings.NOBODY);
      for (Map<String, String> condition : conditions(foreign)) {
        Api.Answer about = send(as(who), line.method(), foreign, condition);
        Api.Answer aboutNone = send(as(who), line.method(), none, condition);
        assertThat(whole(about, foreign))
            .as("%s by %s about birch's under %s", line, who, condition)
            .isEqualTo(whole(aboutNone, none));
      }
    }
  }

  /** Those that hold for each thing, for none, and for just the one that a path names. */
  private static List<Map<String, String>> conditions(Filled request) {
    String tag =
        server.operator().get(request.path()).headers().getOrDefault("ETag", "\"of nothing\"");
    return Stream.of("*", tag, "\"another\"")
        .flatMap(tags -> Stream.of(Map.of("If-Match", tags), Map.of("If-None-Match", tags)))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"PARTICIPANT", "CUSTOMER", "REPORTER_OF_ONE"})
  void a_body_that_is_wrong_is_answered_alike_whatever_is_there(Who who) {
    var things = new PermissionThings(server.operator());
    for (Line line : TABLE) {
      if (!line.path().contains("${") || line.method().equals("GET")) {
        continue;
      }
      Filled foreign = things.fill(line, PermissionThings.FOREIGN);
      Filled none = things.fill(line, PermissionThings.NOBODY);
      for (String body : List.of("{", "[]", "[7]", "{\"x\": 1}", "{\"name\": \"-\"}")) {
        for (String type : List.of("application/json", "text/plain")) {
          Map<String, String> headers = Map.of("Content-Type", type);
          Filled wrong = foreign.with(body);
          Filled wrongToo = none.with(body);
          assertThat(whole(send(as(who), line.method(), wrong, headers), wrong))
              .as("%s by %s about birch's with %s as %s", line, who, body, type)
              .isEqualTo(whole(send(as(who), line.method(), wrongToo, headers), wrongToo));
        }
      }
    }
  }

  private static boolean isAboutSomebody(Line line) {
    return (line.path() + line.body()).contains("${");
  }

  /** Answers what came back, without what was sent and without what differs at each answer. */
  private static String ask(PermissionThings things, Who who, Line line, Whose whose, Owner owner) {
    Filled request = things.fill(line, owner);
    Api.Answer answer = send(as(who), line.method(), request);
    assertThat(answer.status())
        .as("%s by %s about %s: %s", line, who, owner, answer.text())
        .isEqualTo(line.status(who, whose));
    if (whose != Whose.ANOTHERS) {
      String told = request.withoutSent(answer.text());
      for (String secret : PermissionThings.secretsBefore(who)) {
        assertThat(told).as("%s by %s about %s", line, who, owner).doesNotContain(secret);
      }
    }
    if (line.method().equals("GET")) {
      Api.Answer head = send(as(who), "HEAD", request);
      assertThat(head.status()).as("HEAD of %s by %s", line, who).isEqualTo(answer.status());
      assertThat(head.text()).isEmpty();
    }
    return whole(answer, request);
  }

  private static String whole(Api.Answer answer, Filled request) {
    Map<String, String> headers = new TreeMap<>(answer.headers());
    headers.remove("date");
    headers.remove("connection"); // closed or not: by how much of a refused body had come
    return answer.status() + " " + headers + " " + request.withoutSent(answer.text());
  }

  @Test
  void without_a_valid_token_nothing_is_answered_and_no_difference_told() throws Exception {
    var things = new PermissionThings(server.operator());
    Api revoked = revoked();
    Api expired = expired();
    List<Api> strangers =
        List.of(server.as("rct_" + "x".repeat(43)), server.as("nonsense"), revoked, expired);
    for (Line line : TABLE) {
      if (line.isOpen()) {
        continue;
      }
      Filled request = things.fill(line, PermissionThings.OWN);
      Api.Answer without = send(server.as(""), line.method(), request);
      without.problem(401, "unauthenticated");
      assertThat(without.headers()).containsEntry("WWW-Authenticate", "Bearer");
      List<String> answers =
          strangers.stream()
              .map(stranger ->
                  whole(
                      send(stranger, line.method(), request).problem(401, "unauthenticated"),
                      request))
              .distinct()
              .toList();
      assertThat(answers).as("%s with tokens that are not valid", line).hasSize(1);
    }
  }

  private static Api revoked() {
    var made = server.operator().post("/v1/tokens", "{\"role\": \"operator\"}").status(201).json();
    Api api = server.as(made.path("token").asString());
    api.get("/v1/registry").status(200);
    server.operator().delete("/v1/tokens/" + made.path("id").asString()).status(204);
    return api;
  }

  private static Api expired() {
    String soon = Instant.now().plusSeconds(1).toString();
    Api api =
        server.as(
            server
                .operator()
                .post("/v1/tokens", "{\"role\": \"operator\", \"expiresAt\": \"" + soon + "\"}")
                .status(201)
                .json()
                .path("token")
                .asString());
    await("it expires")
        .atMost(Duration.ofSeconds(10))
        .until(() -> api.get("/v1/registry").status() == 401);
    return api;
  }

  @Test
  void only_what_says_so_is_open_to_everybody() {
    assertThat(
            server.routes().stream()
                .filter(route -> route.access().equals(Route.OPEN))
                .map(Route::path))
        .containsExactlyInAnyOrder("/healthz", "/readyz", "/v1/edge/enroll");
    Stream.of("/healthz", "/readyz").forEach(path -> server.as("").get(path).status(200));
  }

  @Test
  void a_join_token_opens_enrolment_and_nothing_else() {
    var things = new PermissionThings(server.operator());
    Api machine =
        server.as(
            server
                .operator()
                .post("/v1/join-tokens", "{\"participant\": \"amber\"}")
                .status(201)
                .json()
                .path("token")
                .asString());
    for (Line line : TABLE) {
      if (!line.isOpen() && !line.route().equals("/v1/edge/enroll")) {
        Filled request = things.fill(line, PermissionThings.OWN);
        send(machine, line.method(), request).problem(401, "unauthenticated");
      }
    }
    String name = "{\"name\": \"amb-77\", \"claim\": \"" + "m".repeat(43) + "\"}";
    machine.post("/v1/edge/enroll", name).status(201);
  }
}
