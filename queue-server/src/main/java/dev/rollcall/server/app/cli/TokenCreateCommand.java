// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.protocol.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code token create}. The only command that prints a token: it can be read this once. */
@Command(
    name = "create",
    description = {
      "Makes a token and prints it, alone, on standard output: queue-server token create"
          + " --role server --scope alpha/lax-01 > token",
      "It is shown this once; the server keeps only a digest."
    })
final class TokenCreateCommand extends ClientCommand {
  private static final int MOST_DAYS = 36_500;

  @Option(
      names = "--role",
      required = true,
      description = "operator, participant, customer, server, peer or reporter.")
  private String role = "";

  @Option(
      names = "--scope",
      description =
          "Whose it is: a participant (alpha), a customer (alpha/acme) or a server (alpha/lax-01).")
  private @Nullable String scope;

  @Option(
      names = "--expires-in-days",
      paramLabel = "N",
      description = "Without it, it is valid until revoked.")
  private @Nullable Integer expiresInDays;

  @Option(names = "--json", description = "Print id and token as JSON.")
  private boolean json;

  TokenCreateCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  int run(RestClient client) throws InterruptedException {
    JsonNode made = client.sendOrFail(request()).body();
    String id = made.path("id").asString("");
    String token = made.path("token").asString("");
    if (token.isEmpty()) {
      throw new CommandFailure.Failed(java.util.List.of("the server answered without a token"));
    }
    if (json) {
      ObjectNode both = Json.MAPPER.createObjectNode();
      out().println(JsonText.of(both.put("id", id).put("token", token)));
    } else {
      out().println(Printable.text(token));
      err()
          .println(
              "token " + Printable.text(id) + " for " + role + (scope == null ? "" : " " + scope));
    }
    return 0;
  }

  private Call request() {
    Instant expiresAt = expiresAt();
    String[] server = scope == null ? new String[0] : scope.split("/", -1);
    if (role.equals("server") && server.length == 2 && expiresAt == null) {
      return Call.post("v1", "participants", server[0], "servers", server[1], "token");
    }
    ObjectNode body = Json.MAPPER.createObjectNode().put("role", role);
    if (scope != null) {
      body.put("scope", scope);
    }
    if (expiresAt != null) {
      body.put("expiresAt", expiresAt.toString());
    }
    return Call.post(body, "v1", "tokens");
  }

  private @Nullable Instant expiresAt() {
    if (expiresInDays == null) {
      return null;
    }
    if (expiresInDays < 1 || expiresInDays > MOST_DAYS) {
      throw usage("--expires-in-days is " + expiresInDays + "; allowed: 1 to " + MOST_DAYS);
    }
    Instant now = surroundings().timing().clock().instant();
    return now.plus(Duration.ofDays(expiresInDays)).truncatedTo(ChronoUnit.SECONDS);
  }
}
