// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** The registry that most tests use, and tokens for its members. */
final class Federation {
  static final String MANIFEST =
      """
      participants:
        - name: alpha
          cdnId: "AS64500:0"
          delivery: poll
          customers: [{name: acme}, {name: other}]
          servers:
            - {name: lax-01, region: us-west, labels: {tier: edge}}
            - {name: lax-02, region: us-west, labels: {tier: mid}}
          configurations:
            - name: acme-www
              customer: acme
              hosts: [www.acme.example, "*.img.acme.example"]
              deployments: [alpha/lax-01, beta/fra-01]
            - name: other-www
              customer: other
              hosts: [www.other.example]
              deployments: ["alpha/*"]
        - name: beta
          delivery: poll
          servers: [{name: fra-01, region: eu-central}, {name: fra-02, region: eu-central}]
          configurations:
            - name: bravo
              hosts: [www.bravo.example]
              deployments: [beta/fra-01, beta/fra-02]
          exposures:
            - {to: alpha, servers: [fra-01], operations: [purge, load], hosts: ["*"], detail: servers}
        - name: gamma
          delivery: gateway
          scope: exposed
      """;

  private final ServerExtension server;
  private final Map<String, Api> byServer = new ConcurrentHashMap<>();

  private Federation(ServerExtension server) {
    this.server = server;
  }

  static Federation apply(ServerExtension server) {
    Api.Answer answer = server.operator().putYaml("/v1/registry?prune=true", MANIFEST);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return new Federation(server);
  }

  /** Nothing is left of what stood in the registry before, and nothing of what it had queued. */
  static Federation fresh(ServerExtension server, String manifest) {
    server.operator().put("/v1/registry?prune=true", "{\"participants\": []}").status(200);
    server.operator().putYaml("/v1/registry", manifest).status(200);
    return new Federation(server);
  }

  static Federation fresh(ServerExtension server) {
    return fresh(server, MANIFEST);
  }

  /** Changes the registry by a manifest; what it does not name stays. */
  void change(String yaml) {
    server.operator().putYaml("/v1/registry", yaml).status(200);
  }

  Api operator() {
    return server.operator();
  }

  /** A command as the operator sees it. */
  JsonNode command(String id) {
    return server.operator().get("/v1/commands/" + id).status(200).json();
  }

  String state(String id) {
    return command(id).path("state").asString();
  }

  /** One of a command's totals. */
  int total(String id, String state) {
    return command(id).path("totals").path(state).asInt();
  }

  /** An execution as the operator sees it. */
  JsonNode execution(String id, String fullName) {
    JsonNode items =
        server
            .operator()
            .get("/v1/commands/" + id + "/executions?limit=1000")
            .status(200)
            .json()
            .path("items");
    return items
        .valueStream()
        .filter(item -> item.path("server").asString().equals(fullName))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + fullName + " in " + items));
  }

  /** How an execution stands: its state and, if it has one, its code. */
  String stands(String id, String fullName) {
    JsonNode execution = execution(id, fullName);
    String code = execution.path("code").isNull() ? "" : " " + execution.path("code").asString();
    return execution.path("state").asString() + code;
  }

  /** The poller of {@code participant/server}, as a test plays it. */
  Edge poller(String fullName) {
    return new Edge(edge(fullName));
  }

  /** As the poller of {@code participant/server}. */
  Api edge(String fullName) {
    return byServer.computeIfAbsent(
        fullName,
        name -> {
          String[] parts = name.split("/", -1);
          return server.as(
              server
                  .operator()
                  .post("/v1/participants/" + parts[0] + "/servers/" + parts[1] + "/token", "")
                  .json()
                  .path("token")
                  .asString());
        });
  }

  /** With a new token of a role and scope; the empty scope is none. */
  Api as(String role, String scope) {
    String body =
        scope.isEmpty()
            ? "{\"role\": \"" + role + "\"}"
            : "{\"role\": \"" + role + "\", \"scope\": \"" + scope + "\"}";
    Api.Answer made = server.operator().post("/v1/tokens", body);
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return server.as(made.json().path("token").asString());
  }

  /** Purges one URL of a configuration's first host; answers the command's id. */
  String purge(String configuration, String url) {
    Api.Answer answer =
        server
            .operator()
            .post(
                "/v1/commands",
                """
                {"operation": "purge", "target": {"configuration": "%s"}, "parameters": {"urls": ["%s"]}}
                """
                    .formatted(configuration, url));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().path("id").asString();
  }
}
