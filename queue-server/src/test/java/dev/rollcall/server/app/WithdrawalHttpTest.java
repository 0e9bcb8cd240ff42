// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.testkit.Session;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing is handed out that the registry no longer allows, whatever was under way meanwhile. */
final class WithdrawalHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String WITHOUT_LAX_02 =
      Federation.MANIFEST.replace(
          "      - {name: lax-02, region: us-west, labels: {tier: mid}}\n", "");
  private static final String WITHOUT_EXPOSURE =
      Federation.MANIFEST
          .replace(
              "    exposures:\n"
                  + "      - {to: alpha, servers: [fra-01], operations: [purge, load], hosts:"
                  + " [\"*\"], detail: servers}\n",
              "")
          .replace("[alpha/lax-01, beta/fra-01]", "[alpha/lax-01]");

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static Api.Answer put(String manifest) {
    return server.operator().putYaml("/v1/registry?prune=true", manifest);
  }

  private static ConditionFactory soon(String what) {
    return await(what).atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50));
  }

  private static boolean isTrue(String condition) {
    return server
        .database()
        .jdbi()
        .withHandle(handle -> handle.createQuery("select " + condition).mapTo(Boolean.class).one());
  }

  private static void execute(String sql, Object... values) {
    server.database().jdbi().useHandle(handle -> handle.execute(sql, values));
  }

  /** A submit has read the registry when it changes; answers the command's id. */
  private static String submitAcrossChange(CommandJson command, String manifest) {
    try (Session places = server.database().session()) {
      places.begin();
      places.run(
          h -> h.execute("select pg_advisory_xact_lock(1380928588, 1)")); // none is given out
      var submitted = Later.run(() -> command.post(server.operator()));
      places.awaitBlocking(submitted);
      var changed = Later.run(() -> put(manifest));
      soon("the change waits or is through")
          .until(() ->
              changed.isDone()
                  || isTrue(
                      "exists (select from pg_locks where locktype = 'advisory' and classid ="
                          + " 1380928588 and objid = 3 and not granted)"));
      places.commit();
      Later.within(changed).status(200);
      return Later.within(submitted).status(202).json().path("id").asString();
    }
  }

  @Test
  void what_is_being_stored_when_its_exposure_is_withdrawn_is_not_handed_out() {
    Edge edge = federation.poller("beta/fra-01");

    String id = submitAcrossChange(CommandJson.purge(), WITHOUT_EXPOSURE);

    assertThat(edge.lease(10)).isEmpty();
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void what_is_being_stored_when_its_server_is_removed_ends_with_it() {
    String id =
        submitAcrossChange(
            CommandJson.purge("alpha/other-www", "https://www.other.example/a"), WITHOUT_LAX_02);

    assertThat(federation.stands(id, "alpha/lax-02")).isEqualTo("cancelled server-removed");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void who_holds_a_lease_under_it_is_told_that_it_is_broken() {
    CommandJson.purge().id(server.operator());
    Edge edge = federation.poller("beta/fra-01");
    Edge.Lease lease = edge.leaseOne();
    var waiting = Later.run(() -> edge.poll("{\"capacity\": 1, \"waitSeconds\": 60}"));

    put(WITHOUT_EXPOSURE).status(200);

    assertThat(Later.within(waiting).path("cancelled"))
        .singleElement()
        .satisfies(told -> {
          assertThat(told.path("command").asString()).isEqualTo(lease.command());
          assertThat(told.path("lease").asInt()).isEqualTo(lease.number());
        });
  }

  @Test
  void what_cannot_be_ended_at_once_keeps_nobody_waiting_and_ends_later() {
    String id = CommandJson.purge().id(server.operator());
    try (Session settlement = server.database().session()) {
      settlement.begin();
      settlement.run(h ->
          h.execute(
              """
              select from queue q join server s on s.id = q.server_id
              where s.name = 'fra-01' and s.removed_at is null for update of q
              """));

      Later.within(Later.run(() -> put(WITHOUT_EXPOSURE))).status(200);
      Later.within(Later.run(() -> put(WITHOUT_EXPOSURE.replace("us-west", "us-east"))))
          .status(200);
      assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("pending");
      // what ends it gives up, as in a crash, and must not be the only one to know
      soon("it gave up")
          .until(() ->
              !isTrue(
                  "exists (select from pg_stat_activity where wait_event_type = 'Lock' and"
                      + " datname = current_database())"));
    }

    soon("it was done again")
        .until(() -> federation.stands(id, "beta/fra-01").equals("rejected exposure"));
  }

  @Test
  void what_a_killed_node_was_to_end_is_ended() {
    String id = CommandJson.purge().id(server.operator());

    execute("delete from exposure");
    execute("update registry_state set version = version + 1");
    execute(
        """
        insert into registry_sweep (participant_id, taken_until)
        select id, now() + interval '1 s' from participant where name = 'beta' and removed_at is null
        """);

    soon("a node found it")
        .until(() -> federation.stands(id, "beta/fra-01").equals("rejected exposure"));
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
    soon("and says that it is done").until(() -> isTrue("not exists (select from registry_sweep)"));
  }

  @Test
  void the_executions_of_a_server_end_together() {
    for (int i = 0; i < 20; i++) {
      CommandJson.purge().id(server.operator());
    }

    put(WITHOUT_EXPOSURE).status(200);

    assertThat(
            isTrue(
                """
                (select count(*) >= 20 and count(distinct r.xmin::text) = 1
                 from execution_result r join server s on s.id = r.server_id
                 where s.id = (select max(id) from server where name = 'fra-01'))
                """))
        .isTrue();
  }

  @Test
  void upkeep_ends_what_nobody_ended() {
    String id = CommandJson.purge().id(server.operator());

    execute("delete from exposure"); // and nobody was told of it
    execute("update registry_state set version = version + 1");
    execute("update command set upkeep_at = now() where id = ?::uuid", id);

    soon("upkeep has looked")
        .until(() -> federation.stands(id, "beta/fra-01").equals("rejected exposure"));
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void what_enters_the_queue_after_its_exposure_was_withdrawn_does_not_enter_there() {
    String id =
        CommandJson.purge()
            .text("notBefore", Instant.now().plusSeconds(2).toString())
            .id(server.operator());
    put(WITHOUT_EXPOSURE).status(200);

    soon("it entered the queue")
        .until(() -> federation.stands(id, "beta/fra-01").equals("rejected exposure"));

    assertThat(
            isTrue(
                """
                (select q.xmin::text = r.xmin::text
                 from execution_result r join queue q on q.seq = r.seq
                 where r.seq = (select seq from command where id = '%s'))
                """
                    .formatted(id)))
        .as("one transaction let it in here and refused it there")
        .isTrue();
    assertThat(federation.total(id, "rejected")).isEqualTo(1);
  }
}
