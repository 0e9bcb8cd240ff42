// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A manifest that was made from a registry is not applied to another one. */
final class RegistryPreconditionHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  @BeforeEach
  void begin() {
    Federation.fresh(server);
  }

  private static String tag() {
    return String.valueOf(server.operator().get("/v1/registry").headers().get("ETag"));
  }

  private static Api.Answer put(String participant, String ifMatch) {
    return server
        .operator()
        .send(
            "PUT",
            "/v1/registry",
            "{\"participants\": [{\"name\": \"" + participant + "\", \"delivery\": \"poll\"}]}",
            Map.of("Content-Type", "application/json", "If-Match", ifMatch));
  }

  private static boolean has(String participant) {
    return server.operator().get("/v1/registry").text().contains("\"" + participant + "\"");
  }

  @Test
  void the_version_that_was_read_may_be_changed_once() {
    String tag = tag();

    put("delta", "\"x\", " + tag).status(200);
    put("omega", tag).problem(412, "precondition-failed");
    assertThat(has("delta")).isTrue();
    assertThat(has("omega")).isFalse();
    put("omega", "*").status(200);
    assertThat(has("omega")).isTrue();
  }

  @ParameterizedTest(name = "If-Match: {0}")
  @ValueSource(strings = {"\"0\"", "0", "W/%s", "", "\"\""})
  void a_tag_that_is_not_the_registrys_is_no_leave(String ifMatch) {
    put("delta", ifMatch.formatted(tag())).problem(412, "precondition-failed");
    assertThat(has("delta")).isFalse();
  }

  @Test
  void the_version_is_compared_when_no_other_change_is_under_way() {
    String tag = tag();
    CompletableFuture<Api.Answer> late;
    try (Handle other = server.database().jdbi().open()) {
      other.begin();
      other.execute("update registry_state set version = version + 1");
      late = Later.run(() -> put("delta", tag));
      await("it waits for the other change")
          .until(() ->
              server
                  .database()
                  .jdbi()
                  .withHandle(handle ->
                      handle
                          .createQuery(
                              "select count(*) > 0 from pg_stat_activity where datname ="
                                  + " current_database() and wait_event_type = 'Lock'")
                          .mapTo(Boolean.class)
                          .one()));
      other.commit();
    }

    Later.within(late).problem(412, "precondition-failed");
    assertThat(has("delta")).isFalse();
  }
}
