// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What was stored is answered as stored, also when it cannot be read for the answer. */
final class UnreadableHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  /** The connections that read are cut, and no new ones let in. */
  private static <T> T withoutReads(Supplier<T> work) {
    String name =
        server
            .database()
            .jdbi()
            .withHandle(h -> h.createQuery("select current_database()").mapTo(String.class).one());
    PGSimpleDataSource own = server.database().dataSource();
    var outside = new PGSimpleDataSource();
    outside.setServerNames(own.getServerNames());
    outside.setPortNumbers(own.getPortNumbers());
    outside.setUser(own.getUser());
    outside.setPassword(own.getPassword());
    outside.setDatabaseName("postgres");
    Jdbi postgres = Jdbi.create(outside);
    postgres.useHandle(h -> h.execute("alter database \"" + name + "\" allow_connections false"));
    try {
      postgres.useHandle(h ->
          h.createQuery(
                  "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                      + " where datname = :name and application_name = 'rollcall-read'")
              .bind("name", name)
              .mapTo(Boolean.class)
              .list());
      return work.get();
    } finally {
      postgres.useHandle(h -> h.execute("alter database \"" + name + "\" allow_connections true"));
    }
  }

  @Test
  void a_submit_that_was_stored_is_answered_202_with_what_is_known_of_it() {
    server.operator().get("/v1/commands").status(200);
    for (CommandJson command :
        List.of(
            CommandJson.purge(),
            CommandJson.of("invalidate")
                .target("{\"configuration\": \"alpha/acme-www\", \"participants\": [\"beta\"]}")
                .parameters("{\"everything\": true}")
                .text("lane", "urgent"))) {
      Api.Answer answer = withoutReads(() -> command.post(server.operator()));

      ObjectNode told = (ObjectNode) answer.status(202).json();
      String id = told.path("id").asString();
      assertThat(answer.headers().get("Location")).isEqualTo("/v1/commands/" + id);
      assertThat(answer.headers()).doesNotContainKey("ETag");
      await("it can be read again")
          .until(() -> server.operator().get("/v1/commands/" + id).status() == 200);
      ObjectNode read = (ObjectNode) federation.command(id);
      for (ObjectNode view : List.of(told, read)) {
        view.remove(List.of("createdAt", "asOf"));
        if (!view.path("completedAt").isNull()) {
          view.put("completedAt", "then");
        }
      }
      assertThat(told).isEqualTo((JsonNode) read);
    }
  }
}
