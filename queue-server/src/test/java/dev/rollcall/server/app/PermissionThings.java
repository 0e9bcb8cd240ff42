// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What requests of the table of permissions are about. Names of things that exist and of those that
 * do not are of one length, so that answers that only repeat them are too. Confined to one thread.
 */
final class PermissionThings {
  static final String MANIFEST =
      """
      participants:
        - name: amber
          delivery: poll
          customers: [{name: acme}, {name: olaf}]
          servers: [{name: amb-01, region: amber-west}, {name: amb-02, region: amber-east}]
          configurations:
            - {name: acme-www, customer: acme, hosts: [www.acme.example], deployments: [amber/amb-01]}
            - {name: olaf-www, customer: olaf, hosts: [www.olaf.example], deployments: [amber/amb-02]}
        - name: birch
          delivery: poll
          customers: [{name: bolt}]
          servers: [{name: bir-01, region: birch-west}]
          configurations:
            - {name: bolt-www, customer: bolt, hosts: [www.bolt.example], deployments: [birch/bir-01]}
        - name: grove
          delivery: gateway
          scope: exposed
      """;

  private static final String CLAIM = "c".repeat(43);

  /** Kinds of things whose names the server makes. */
  private static final Set<String> IDENTIFIED =
      Set.of("command", "token", "peertoken", "jointoken", "enrolment");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z]+)}");

  /** Those of one owner; {@code exist}: whether they are there. */
  record Owner(String participant, String server, String customer, String region, boolean exist) {
    Map<String, String> names() {
      return Map.of(
          "participant", participant,
          "server", server,
          "customer", customer,
          "configuration", customer + "-www",
          "host", "www." + customer + ".example",
          "region", region,
          "gateway", exist ? "grove" : "grave");
    }
  }

  static final Owner OWN = new Owner("amber", "amb-01", "acme", "amber-west", true);
  static final Owner FOREIGN = new Owner("birch", "bir-01", "bolt", "birch-west", true);
  static final Owner NOBODY = new Owner("cedar", "ced-01", "cash", "cedar-west", false);

  /** Of the same participant, but another customer and another server. */
  static final Owner NEIGHBOUR = new Owner("amber", "amb-02", "olaf", "amber-east", true);

  static final Owner NO_NEIGHBOUR = new Owner("amber", "amb-03", "odin", "amber-zero", false);

  /** A request filled in, and with what. */
  record Filled(String path, String body, Map<String, String> values) {
    Filled with(String otherBody) {
      return new Filled(path, otherBody, values);
    }

    /** The answer with what was sent taken out. */
    String withoutSent(String text) {
      String rest = text;
      for (String value : values.values()) {
        rest = rest.replace(value, "*");
      }
      return rest;
    }
  }

  /** Of all tests: what one makes another may find. */
  private static final AtomicInteger NAMES = new AtomicInteger(1_000);

  private final Api operator;

  PermissionThings(Api operator) {
    this.operator = operator;
  }

  /** Each thing is made anew, since the request may be its end. */
  Filled fill(PermissionTable.Line line, Owner owner) {
    Map<String, String> values = new HashMap<>();
    String path = fill(line.path(), owner, values);
    return new Filled(path, fill(line.body(), owner, values), values);
  }

  private String fill(String template, Owner owner, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(template)
        .replaceAll(found ->
            Matcher.quoteReplacement(
                values.computeIfAbsent(found.group(1), kind -> value(kind, owner))));
  }

  private String value(String kind, Owner owner) {
    String name = owner.names().get(kind);
    if (name != null) {
      return name;
    }
    if (owner.exist()) {
      return thing(kind, owner);
    }
    return IDENTIFIED.contains(kind) ? UUID.randomUUID().toString() : nextName();
  }

  private String thing(String kind, Owner owner) {
    return switch (kind) {
      case "fresh" -> nextName();
      case "command" -> command(owner);
      case "token" -> token("server", owner.participant() + "/" + owner.server());
      case "peertoken" -> token("peer", owner.participant());
      case "jointoken" -> joinToken(owner).path("id").asString();
      case "enrolment" -> enrolment(owner);
      case "hold" -> put("/v1/holds/", "{\"operation\": \"load\"}");
      case "oldparticipant" -> put("/v1/participants/", "{\"delivery\": \"poll\"}");
      case "oldcustomer" -> put(of(owner) + "/customers/", "{}");
      case "oldserver" -> put(of(owner) + "/servers/", "{}");
      case "oldconfiguration" -> put(of(owner) + "/configurations/", "{}");
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static String of(Owner owner) {
    return "/v1/participants/" + owner.participant();
  }

  private String nextName() {
    return "name-" + NAMES.incrementAndGet();
  }

  private String command(Owner owner) {
    return CommandJson.purge(
            owner.participant() + "/" + owner.customer() + "-www",
            "https://www." + owner.customer() + ".example/a")
        .id(operator);
  }

  void cancelledCommand(Owner owner) {
    operator.post("/v1/commands/" + command(owner) + "/cancel").status(202);
  }

  private String token(String role, String scope) {
    return operator
        .post("/v1/tokens", "{\"role\": \"" + role + "\", \"scope\": \"" + scope + "\"}")
        .status(201)
        .json()
        .path("id")
        .asString();
  }

  private JsonNode joinToken(Owner owner) {
    String body = "{\"participant\": \"" + owner.participant() + "\", \"approval\": true}";
    return operator.post("/v1/join-tokens", body).status(201).json();
  }

  /** Of a machine that waits to be let in. */
  private String enrolment(Owner owner) {
    String body = "{\"name\": \"" + nextName() + "\", \"claim\": \"" + CLAIM + "\"}";
    return operator
        .holding(joinToken(owner).path("token").asString())
        .post("/v1/edge/enroll", body)
        .status(202)
        .json()
        .path("enrolment")
        .asString();
  }

  private String put(String below, String body) {
    String name = nextName();
    operator.put(below + name, body).status(201);
    return name;
  }

  /** Names that only others may read. */
  static List<String> secretsBefore(PermissionTable.Who who) {
    return switch (who) {
      case OPERATOR, REPORTER -> List.of();
      case PARTICIPANT, REPORTER_OF_ONE, PEER -> List.of("birch", "bir-01", "bolt");
      case CUSTOMER -> List.of("birch", "bir-01", "bolt", "olaf", "amb-0");
      case SERVER -> List.of("birch", "bir-01", "bolt", "olaf", "amb-02");
    };
  }
}
