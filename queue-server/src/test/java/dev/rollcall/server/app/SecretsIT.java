// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.testkit.TestDatabase;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever reads the database or the log finds nothing to log in with. */
final class SecretsIT {
  private static final String ADMIN = "an-operator-of-the-settings-0123456789";
  private static final String WRONG = "rct_" + "wrong0123456789".repeat(2) + "abcdefghijklm";
  private static final String CLAIM = "claim0123456789".repeat(3);

  @TempDir private Path temp;
  private final List<String> secrets = new ArrayList<>(List.of(ADMIN, WRONG, CLAIM));
  private TestDatabase database;
  private ServerProcess server;
  private URI base;

  @BeforeEach
  void start() throws Exception {
    database = TestDatabase.migrated();
    int port = ServerProcess.freePort();
    base = ServerProcess.base(port);
    server =
        ServerProcess.serve(
            temp.resolve("data"),
            port,
            Map.of(
                "ROLLCALL_ADMIN_TOKEN",
                ADMIN,
                "ROLLCALL_DATABASE_URL",
                database.jdbcUrl(),
                "ROLLCALL_LOG_LEVEL",
                "TRACE"));
  }

  @AfterEach
  void stop() {
    server.close();
    database.close();
  }

  private Api as(String token) {
    return new Api(base, token);
  }

  private String secretOf(Api.Answer made) {
    String secret = made.status(201).json().path("token").asString();
    assertThat(secret).hasSizeGreaterThan(40);
    secrets.add(secret);
    return secret;
  }

  /** Everything that makes, shows or takes a secret, and all that goes wrong with one. */
  private void useAll() {
    Api operator = as(ADMIN);
    operator.putYaml("/v1/registry", Federation.MANIFEST).status(200);
    for (String scope :
        List.of(
            "\"operator\"",
            "\"reporter\"",
            "\"participant\", \"scope\": \"alpha\"",
            "\"customer\", \"scope\": \"alpha/acme\"",
            "\"peer\", \"scope\": \"beta\"")) {
      Api.Answer made = operator.post("/v1/tokens", "{\"role\": " + scope + "}");
      as(secretOf(made)).get("/v1/commands");
      secretOf(operator.post("/v1/tokens/" + made.json().path("id").asString() + "/rotate"));
    }
    Api edge = as(secretOf(operator.post("/v1/participants/alpha/servers/lax-01/token", "")));
    operator
        .post(
            "/v1/commands",
            """
            {"operation": "purge", "target": {"configuration": "alpha/other-www"},
             "parameters": {"urls": ["https://www.other.example/1"]}}
            """,
            Map.of("Idempotency-Key", "a-key"))
        .status(202);
    new Edge(edge).leaseOne();
    enrol(operator);
    as(WRONG).get("/v1/commands").status(401);
    as(ADMIN + "x").get("/v1/commands").status(401);
    operator.get("/v1/tokens/" + secrets.getLast()).status(405);
    operator.delete("/v1/tokens/none").status(404);
    operator.post("/v1/tokens", "{\"role\": 1").status(400);
  }

  private void enrol(Api operator) {
    String join =
        secretOf(operator.post("/v1/join-tokens", "{\"participant\": \"alpha\", \"uses\": 5}"));
    String body = "{\"name\": \"%s\", \"claim\": \"" + CLAIM + "\"}";
    secretOf(as(join).post("/v1/edge/enroll", body.formatted("nyc-01")));
    secretOf(as(join).post("/v1/edge/enroll", body.formatted("nyc-01")));
    as(join).post("/v1/edge/enroll", body.formatted("nyc-02")).status(409);
    as(join + "x").post("/v1/edge/enroll", body.formatted("nyc-01")).status(401);
  }

  @Test
  void neither_the_database_nor_the_log_holds_a_secret() throws Exception {
    useAll();
    await("uses are written").until(() -> database("token_use").lines().count() > 5);

    String everything = database("%");
    String written = server.output();
    String log = written.toLowerCase(Locale.ROOT);

    assertThat(everything).as("the scan finds what is there").contains("lax-01", "nyc-01");
    assertThat(written).as("all is logged").contains(" DEBUG ");
    for (String secret : secrets) {
      for (String form : forms(secret)) {
        assertThat(everything).as("the database").doesNotContain(form);
        assertThat(log).as("the log").doesNotContain(form);
      }
    }
    try (var files = Files.walk(temp.resolve("data"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(secrets);
      }
    }
  }

  /** Ways in which a secret could be kept so that it can still be used. */
  private static List<String> forms(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
    List<String> forms = new ArrayList<>();
    forms.add(secret.toLowerCase(Locale.ROOT));
    forms.add(HexFormat.of().formatHex(bytes));
    forms.add(Base64.getEncoder().withoutPadding().encodeToString(bytes).toLowerCase(Locale.ROOT));
    if (secret.matches("rc[tj]_.{43}")) {
      forms.add(secret.substring(4).toLowerCase(Locale.ROOT));
      forms.add(HexFormat.of().formatHex(Base64.getUrlDecoder().decode(secret.substring(4))));
    }
    return forms;
  }

  /** All rows of all tables whose name is like this, bytes as digits; in lower case. */
  private String database(String tables) {
    return database
        .jdbi()
        .withHandle(handle -> {
          List<String> all =
              handle
                  .createQuery(
                      """
                      select format('select t::text from %I.%I t', schemaname, tablename) from pg_tables
                      where schemaname not in ('pg_catalog', 'information_schema') and tablename like :tables
                      """)
                  .bind("tables", tables)
                  .mapTo(String.class)
                  .list();
          var found = new StringBuilder();
          for (String query : all) {
            handle
                .createQuery(query)
                .mapTo(String.class)
                .forEach(row -> found.append(row).append('\n'));
          }
          return found.toString().toLowerCase(Locale.ROOT);
        });
  }
}
