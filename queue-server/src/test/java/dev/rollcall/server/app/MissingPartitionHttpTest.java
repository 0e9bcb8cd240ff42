// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Results for which there is no partition: refused for the moment, and not lost. */
final class MissingPartitionHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String DROP =
      """
      do $$ declare part text; begin
        for part in select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = 'rollcall' and c.relkind = 'r' and c.relname ~ '_[0-9]{8}$' loop
          execute 'drop table rollcall.' || part;
        end loop;
      end $$
      """;

  @Test
  void a_result_is_refused_until_there_is_a_place_for_it_and_then_counted() throws Exception {
    Federation federation = Federation.fresh(server);
    Edge edge = federation.poller("alpha/lax-01");
    String id =
        CommandJson.purge().target("{\"servers\": [\"alpha/lax-01\"]}").id(server.operator());
    Edge.Lease lease = edge.leaseOne();
    String results = "{\"results\": [" + lease.result("succeeded") + "]}";
    try (Connection holder = server.database().connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("select pg_advisory_xact_lock(1380928588, 2)"); // nobody makes partitions
      server.database().jdbi().useHandle(handle -> handle.execute(DROP));

      edge.api().post("/v1/edge/results", results).problem(503, "unavailable");
      assertThat(server.operator().get("/readyz").status()).isEqualTo(503);
      assertThat(federation.total(id, "leased")).isEqualTo(1);
      holder.rollback();
    }

    await("there is a place again")
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.operator().get("/readyz").status() == 200);
    edge.api().post("/v1/edge/results", results).status(200);
    assertThat(federation.total(id, "succeeded")).isEqualTo(1);
  }
}
