// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.web.Route;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The description against the table of routes, and against what is really answered. */
final class OpenApiHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static JsonNode description;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in = OpenApiHttpTest.class.getResourceAsStream("/openapi.yaml")) {
      description = YAMLMapper.shared().readTree(in);
    }
  }

  @Test
  void every_route_is_described_with_its_roles_and_nothing_else_is() {
    Map<String, Set<String>> described = new TreeMap<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        Set<String> roles = new TreeSet<>();
        operation.getValue().path("x-roles").forEach(role -> roles.add(role.asString()));
        described.put(operation.getKey() + " " + path.getKey(), roles);
      }
    }
    Map<String, Set<String>> served = new TreeMap<>();
    for (Route route : server.routes()) {
      served.put(
          route.method().name().toLowerCase(java.util.Locale.ROOT) + " " + route.path(),
          roles(route));
    }

    assertThat(described).isEqualTo(served);
  }

  private static Set<String> roles(Route route) {
    Set<String> roles = new TreeSet<>();
    if (route.access() instanceof Access access) {
      access.roles().stream().map(Role::word).forEach(roles::add);
    } else {
      roles.add("anyone");
    }
    return roles;
  }

  @Test
  void what_is_answered_holds_to_the_description() {
    Federation federation = Federation.apply(server);
    Api operator = server.operator();

    check("get", "/healthz", server.as("").get("/healthz"));
    check("get", "/readyz", server.as("").get("/readyz"));
    check("get", "/v1/registry", operator.get("/v1/registry"));
    check("put", "/v1/registry", operator.putYaml("/v1/registry?dryRun=true", Federation.MANIFEST));
    String participant = "/v1/participants/{participant}";
    check("get", "/v1/participants", operator.get("/v1/participants"));
    check("get", participant, operator.get("/v1/participants/beta"));
    for (String thing : List.of("customer acme", "server lax-01", "configuration acme-www")) {
      String kind = thing.split(" ", -1)[0];
      String list = "/v1/participants/alpha/" + kind + "s";
      check("get", participant + "/" + kind + "s", operator.get(list));
      String path = participant + "/" + kind + "s/{" + kind + "}";
      String name = list + "/" + thing.split(" ", -1)[1];
      check("get", path, operator.get(name));
      check("put", path, operator.put(name, operator.get(name).text()));
      check("put", path, operator.put(list + "/fresh", "{}"));
      check("delete", path, operator.delete(list + "/fresh"));
    }
    String www = "/v1/participants/alpha/configurations/acme-www/deployments";
    String deployments = participant + "/configurations/{configuration}/deployments";
    check("get", deployments, operator.get(www));
    String beta = "/v1/participants/beta/exposures";
    String exposure = participant + "/exposures/{exposure}";
    check("get", participant + "/exposures", operator.get(beta));
    check("get", exposure, operator.get(beta + "/alpha"));
    check("put", exposure, operator.put(beta + "/fresh", "{\"to\": \"gamma\"}"));
    check("put", exposure, operator.put(beta + "/fresh", operator.get(beta + "/fresh").text()));
    String suspension = exposure + "/suspension";
    check("put", suspension, operator.put(beta + "/fresh/suspension", "{}"));
    check("get", suspension, operator.get(beta + "/fresh/suspension"));
    check("delete", suspension, operator.delete(beta + "/fresh/suspension"));
    check("delete", exposure, operator.delete(beta + "/fresh"));
    check("put", deployments, operator.put(www, operator.get(www).text()));
    check("post", "/v1/tokens", operator.post("/v1/tokens", "{\"role\": \"reporter\"}"));
    check("get", "/v1/tokens", operator.get("/v1/tokens"));
    check("post", "/v1/tokens/{id}/rotate", operator.post("/v1/tokens/none/rotate"));
    String token =
        operator.post("/v1/tokens", "{\"role\": \"reporter\"}").json().path("id").asString();
    check("post", "/v1/tokens/{id}/rotate", operator.post("/v1/tokens/" + token + "/rotate"));
    enrolment(operator);
    check("get", "/v1/servers", operator.get("/v1/servers"));
    check("get", "/v1/reports", operator.get("/v1/reports"));
    check("get", "/v1/audit", operator.get("/v1/audit"));
    check(
        "get",
        "/v1/reports/{name}",
        operator.get("/v1/reports/command_status?since=2026-01-01T00:00:00Z"));
    check("post", "/v1/commands", operator.post("/v1/commands", "{\"operation\": \"x\"}"));
    check("get", "/v1/commands/{id}", operator.get("/v1/commands/none"));

    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a");
    check("get", "/v1/commands/{id}", operator.get("/v1/commands/" + id));
    Api edge = federation.edge("alpha/lax-01");
    check("post", "/v1/edge/poll", edge.post("/v1/edge/poll", "{\"capacity\": 1}"));
    String lease = "{\"command\": \"" + id + "\", \"lease\": 1";
    check(
        "post",
        "/v1/edge/leases",
        edge.post("/v1/edge/leases", "{\"leases\": [" + lease + ", \"extendSeconds\": 9}]}"));
    check(
        "post",
        "/v1/edge/results",
        edge.post("/v1/edge/results", "{\"results\": [" + lease + ", \"outcome\": \"failed\"}]}"));
    check(
        "get", "/v1/commands/{id}/executions", operator.get("/v1/commands/" + id + "/executions"));
    check(
        "post",
        "/v1/commands/{id}/executions/{participant}/{server}/end",
        operator.post(
            "/v1/commands/" + id + "/executions/alpha/lax-01/end", "{\"reason\": \"x\"}"));
    check("put", "/v1/holds/{name}", operator.put("/v1/holds/h", "{\"operation\": \"load\"}"));
    check("put", "/v1/holds/{name}", operator.put("/v1/holds/h", "{\"origin\": \"alpha\"}"));
    check("get", "/v1/holds/{name}", operator.get("/v1/holds/h"));
    check("get", "/v1/holds", operator.get("/v1/holds"));
    check(
        "get", "/v1/commands/{id}/executions", operator.get("/v1/commands/" + id + "/executions"));
    operator.delete("/v1/holds/h").status(204);
    check("post", "/v1/commands/{id}/cancel", operator.post("/v1/commands/" + id + "/cancel", ""));
    check("get", "/v1/commands", operator.get("/v1/commands"));
  }

  private static void enrolment(Api operator) {
    Api.Answer join = operator.post("/v1/join-tokens", "{\"participant\": \"alpha\", \"uses\": 2}");
    check("post", "/v1/join-tokens", join);
    check("get", "/v1/join-tokens", operator.get("/v1/join-tokens"));
    Api machine = server.as(join.json().path("token").asString());
    for (int i = 0; i < 2; i++) {
      String body = "{\"name\": \"nyc-01\", \"claim\": \"%043d\"}".formatted(i);
      check("post", "/v1/edge/enroll", machine.post("/v1/edge/enroll", body));
    }
    Api.Answer pending = operator.get("/v1/enrolments?state=pending");
    check("get", "/v1/enrolments", pending);
    String id = pending.json().path("items").path(0).path("id").asString();
    String path = "/v1/enrolments/" + id;
    check("post", "/v1/enrolments/{id}/approve", operator.post(path + "/approve"));
    check("post", "/v1/enrolments/{id}/refuse", operator.post(path + "/refuse"));
  }

  @Test
  void whatever_needs_the_database_may_be_unavailable() {
    for (JsonNode path : description.path("paths")) {
      for (JsonNode operation : path) {
        String id = operation.path("operationId").asString();
        assertThat(operation.path("responses").has("503") || id.equals("health")).as(id).isTrue();
      }
    }
  }

  @Test
  void lists_take_the_limits_that_are_described() {
    for (String path :
        List.of(
            "/v1/commands",
            "/v1/tokens",
            "/v1/join-tokens",
            "/v1/enrolments",
            "/v1/holds",
            "/v1/servers",
            "/v1/audit")) {
      JsonNode limit =
          description
              .path("paths")
              .path(path)
              .path("get")
              .path("parameters")
              .valueStream()
              .filter(parameter -> parameter.path("name").asString().equals("limit"))
              .findFirst()
              .orElseThrow();
      int most = limit.path("schema").path("maximum").asInt();

      server.operator().get(path + "?limit=" + most).status(200);
      server.operator().get(path + "?limit=" + (most + 1)).invalidAt("/query/limit");
    }
  }

  private static void check(String method, String path, Api.Answer answer) {
    JsonNode response =
        description
            .path("paths")
            .path(path)
            .path(method)
            .path("responses")
            .path(String.valueOf(answer.status()));
    assertThat(response.isMissingNode())
        .as("%s %s answered %s, which is not described", method, path, answer.status())
        .isFalse();
    if (response.has("$ref")) {
      response = description.at(response.path("$ref").asString().substring(1));
    }
    String type = String.valueOf(answer.headers().get("Content-Type")).split(";", 2)[0];
    JsonNode schema = response.path("content").path(type).path("schema");
    assertThat(schema.isMissingNode())
        .as("%s %s answered with %s, which is not described", method, path, type)
        .isFalse();
    List<Error> errors = whole(schema).validate(answer.json());
    assertThat(errors).as("%s %s: %s", method, path, answer.text()).isEmpty();
  }

  /** The schema with all components beside it, so that its references are found. */
  private static Schema whole(JsonNode schema) {
    ObjectNode document = Json.MAPPER.createObjectNode();
    document.set("components", description.path("components"));
    document.set("allOf", Json.MAPPER.createArrayNode().add(schema));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(document);
  }
}
