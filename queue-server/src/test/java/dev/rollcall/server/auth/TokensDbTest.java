// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.testkit.Session;
import dev.rollcall.testkit.TestDatabase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one node makes of the tokens that another one revokes. */
final class TokensDbTest {
  private static final Caller OPERATOR = new Caller(Role.OPERATOR, null, null, null, null);

  private final List<UUID> told = new ArrayList<>();
  private TestDatabase database;
  private Pool pool;
  private Tokens here;
  private Tokens there;
  private final Metrics metrics = new Metrics();
  private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    pool = Pool.open(new DatabaseAddress(database.jdbcUrl(), null, null), Pool.Purpose.READ, 2);
    here = tokens(pool);
    there = tokens(pool);
    here.onEnded(told::add);
  }

  @AfterEach
  void close() {
    metrics.close();
    pool.close();
    database.close();
  }

  private Tokens tokens(Pool pool) {
    return new Tokens(pool, pool, () -> now, null, metrics);
  }

  private static void refused(Tokens tokens, String token) {
    assertThatThrownBy(() -> tokens.authenticate("Bearer " + token))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.status()).isEqualTo(401));
  }

  @Test
  void tokens_that_another_node_revoked_are_forgotten_in_the_next_round() {
    List<Tokens.Made> made =
        IntStream.range(0, 3).mapToObj(i -> there.make(OPERATOR, null)).toList();
    made.forEach(
        m -> assertThat(here.authenticate("Bearer " + m.token()).tokenId()).isEqualTo(m.id()));
    there.revoke(made.get(0).id());
    there.revoke(made.get(1).id());

    here.seeEnds();

    refused(here, made.get(0).token());
    refused(here, made.get(1).token());
    assertThat(here.authenticate("Bearer " + made.get(2).token()).tokenId())
        .isEqualTo(made.get(2).id());
    assertThat(told).containsExactlyInAnyOrder(made.get(0).id(), made.get(1).id());
  }

  @Test
  void a_revocation_is_told_twice_and_not_for_as_long_as_it_is_young() {
    UUID elsewhere = there.make(OPERATOR, null).id();
    UUID own = there.make(OPERATOR, null).id();
    there.revoke(elsewhere);
    here.revoke(own);

    for (int i = 0; i < 6; i++) {
      here.seeEnds();
    }

    assertThat(Collections.frequency(told, elsewhere)).isEqualTo(2);
    assertThat(Collections.frequency(told, own)).isEqualTo(2);
  }

  @Test
  void a_token_that_is_looked_up_as_it_is_revoked_is_not_remembered() {
    Tokens.Made made = there.make(OPERATOR, null);
    here.revoke(made.id());
    database
        .jdbi()
        .useHandle(
            handle -> handle.execute("update token set revoked_at = null")); // as it was read

    refused(here, made.token());
  }

  @Test
  void for_what_is_being_removed_no_token_is_made_that_outlives_it() throws Exception {
    Caller holder = customer();
    Tokens.Made before = there.make(holder, null);
    try (Session removal = database.session();
        var threads = Executors.newFixedThreadPool(2)) {
      removal.begin();
      removal.run(handle -> handle.execute("update customer set removed_at = now()"));
      Future<Tokens.Rotated> rotated = threads.submit(() -> there.rotate(before.id(), 3_600, null));
      removal.awaitBlocking(rotated);
      Future<Tokens.Made> made = threads.submit(() -> there.make(holder, null));
      removal.run(handle -> handle.execute("update token set revoked_at = now()"));
      removal.commit();

      for (Future<?> late : List.of(made, rotated)) {
        assertThatThrownBy(late::get)
            .cause()
            .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.status()).isEqualTo(409));
      }
    }
  }

  private Caller customer() {
    int id =
        database
            .jdbi()
            .withHandle(handle -> {
              handle.execute(
                  "insert into participant (name, delivery, scope) values ('alpha', 'poll',"
                      + " 'all')");
              handle.execute(
                  "insert into customer (participant_id, name) select id, 'acme' from participant");
              return handle.createQuery("select id from customer").mapTo(Integer.class).one();
            });
    return new Caller(Role.CUSTOMER, null, (short) 1, id, null);
  }

  @Test
  void what_cannot_be_a_token_is_refused_without_asking_the_database() {
    String made = there.make(OPERATOR, null).token();
    pool.close();

    for (String none : List.of("", "rct_", "hello", made.substring(1), made + "x", made + "=")) {
      refused(here, none);
    }
    assertThatThrownBy(() -> here.authenticate("Bearer " + made))
        .isNotInstanceOf(ApiException.class); // asked
  }

  @Test
  void a_token_that_was_looked_up_once_is_checked_without_the_database() {
    String made = there.make(OPERATOR, null).token();
    here.authenticate("Bearer " + made);
    pool.close();

    for (int i = 0; i < 1_000; i++) {
      here.authenticate("Bearer " + made);
    }
  }

  @Test
  void a_token_that_another_node_replaced_ends_here_when_the_overlap_is_over() {
    Tokens.Made old = there.make(OPERATOR, null);
    here.authenticate("Bearer " + old.token());

    Tokens.Rotated rotated = there.rotate(old.id(), 60, null);
    here.seeEnds();

    assertThat(told).isEmpty();
    here.authenticate("Bearer " + old.token());
    here.authenticate("Bearer " + rotated.made().token());
    now = rotated.previousEndsAt();
    refused(here, old.token());
    here.seeEnds();
    assertThat(told).contains(old.id()).doesNotContain(rotated.made().id());
    here.authenticate("Bearer " + rotated.made().token());
  }

  @Test
  void a_token_that_expires_ends_the_polls_that_wait_with_it() {
    Tokens.Made made = there.make(OPERATOR, now.plusSeconds(60));
    here.authenticate("Bearer " + made.token());
    here.seeEnds();
    assertThat(told).isEmpty();

    now = now.plusSeconds(60);
    here.seeEnds();
    here.seeEnds();
    here.seeEnds();

    assertThat(told).containsExactly(made.id(), made.id());
  }

  @Test
  void a_token_that_is_looked_up_as_it_is_replaced_ends_all_the_same() {
    Tokens.Made made = there.make(OPERATOR, null);
    Tokens.Rotated rotated = here.rotate(made.id(), 60, null);
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "update token set expires_at = now() + interval '1 day' where replaced_at is not"
                    + " null")); // as it was read
    here.authenticate("Bearer " + made.token());

    now = rotated.previousEndsAt();
    here.seeEnds();

    refused(here, made.token());
  }

  @Test
  void many_that_are_not_known_yet_are_looked_for_together() throws Exception {
    int many = 500;
    List<Tokens.Made> made =
        IntStream.range(0, many).mapToObj(i -> there.make(OPERATOR, null)).toList();
    List<Future<Caller>> callers = new ArrayList<>();
    try (Pool patient =
            Pool.open(new DatabaseAddress(database.jdbcUrl(), null, null), Pool.Purpose.SUBMIT, 2);
        Tokens tokens = tokens(patient);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        Handle holder = database.jdbi().open()) {
      holder.begin().execute("lock table token in access exclusive mode");
      for (Tokens.Made token : made) {
        callers.add(threads.submit(() -> tokens.authenticate("Bearer " + token.token())));
        if (callers.size() == 1) {
          await("the first is looked for").until(this::isTokenTableWaitedFor);
        }
      }
      await("the others are in line").until(() -> tokens.waiting() == many - 1);
      holder.commit();

      for (int i = 0; i < many; i++) {
        assertThat(callers.get(i).get().tokenId()).isEqualTo(made.get(i).id());
      }
      assertThat(metrics.timer(Meter.BATCH_SECONDS, "batch", "token").count()).isEqualTo(2);
      refused(tokens, "rct_" + "x".repeat(43));
    }
  }

  private boolean isTokenTableWaitedFor() {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select exists (select from pg_locks where relation = 'token'::regclass and not"
                        + " granted)")
                .mapTo(boolean.class)
                .one());
  }
}
