// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class FixtureDbTest {
  @Test
  void tests_do_not_see_each_others_rows() {
    try (TestDatabase one = TestDatabase.migrated();
        TestDatabase other = TestDatabase.migrated()) {
      one.jdbi().useHandle(h -> h.execute("update registry_state set version = 7"));

      assertThat(version(one)).isEqualTo(7);
      assertThat(version(other)).isEqualTo(1);
    }
  }

  @Test
  void a_session_that_waits_for_a_lock_is_seen_to_wait() {
    try (TestDatabase database = TestDatabase.migrated();
        Session one = database.session();
        Session other = database.session()) {
      one.begin();
      one.run(h -> h.execute("select pg_advisory_xact_lock(1)"));
      Future<Integer> waiting = other.start(h -> h.execute("select pg_advisory_xact_lock(1)"));

      other.awaitBlocked(waiting);
      one.commit();

      assertThat(Session.result(waiting)).isNotNull();
    }
  }

  @Test
  void a_step_that_does_not_wait_fails_the_test_that_expects_it_to() {
    try (TestDatabase database = TestDatabase.migrated();
        Session session = database.session()) {
      Future<Integer> step = session.start(h -> h.execute("select 1"));

      assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> session.awaitBlocked(step));
    }
  }

  @Test
  void a_transaction_left_open_is_found() {
    try (TestDatabase database = TestDatabase.migrated();
        Session session = database.session()) {
      assertThat(database.openTransactions()).isEmpty();
      session.begin();
      session.run(h -> h.execute("select 1"));

      assertThat(database.openTransactions()).hasSize(1);
    }
  }

  @Test
  void a_setting_that_names_no_database_says_what_is_allowed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> DatabaseServer.start("oracle"))
        .withMessageContaining("oracle")
        .withMessageContaining("testcontainers");
  }

  @Test
  void a_given_server_that_does_not_answer_is_a_failure_that_says_so() {
    assertThatIllegalStateException()
        .isThrownBy(() -> DatabaseServer.start("jdbc:postgresql://127.0.0.1:1/none?user=x"))
        .withMessageContaining("ROLLCALL_TEST_DATABASE");
  }

  private static int version(TestDatabase database) {
    return database
        .jdbi()
        .withHandle(
            h -> h.createQuery("select version from registry_state").mapTo(Integer.class).one());
  }
}
