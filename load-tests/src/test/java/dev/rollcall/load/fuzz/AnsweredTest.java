// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.fuzz.DatabaseRows.Count;
import dev.rollcall.load.fuzz.DatabaseRows.Ids;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is found in answers, and in a database that holds more or less than they say. */
final class AnsweredTest {
  private static final DatabaseRows EMPTY = new DatabaseRows(Map.of(), Map.of());

  private final Answered answered = new Answered();

  private static FuzzRequest request(String method, String path) {
    return new FuzzRequest("", method, path, 0, Map.of(), new byte[0]);
  }

  private List<String> complaints(Map<Ids, Set<String>> ids, Map<Count, Long> counts) {
    return answered.complaints(EMPTY, new DatabaseRows(ids, counts));
  }

  @Test
  void an_answer_that_none_should_get_is_told_with_its_request() {
    answered.note(request("GET", "/v1/audit?cursor=x"), 500, "{\"code\":\"internal\"}");
    answered.note(request("GET", "/v1/x"), 404, "<html>");
    answered.note(request("GET", "/v1/y"), 404, "{\"code\":\"not-found\"}");

    assertThat(complaints(Map.of(), Map.of()))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("500 to GET /v1/audit?cursor=x"),
            second -> assertThat(second).startsWith("404 without a problem to GET /v1/x"));
    assertThat(answered.byStatus()).containsExactlyInAnyOrderEntriesOf(Map.of(404, 2L, 500, 1L));
  }

  @Test
  void some_may_be_told_to_come_again_but_not_many() {
    for (int i = 0; i < 999; i++) {
      answered.note(request("GET", "/healthz"), 200, "{}");
    }
    answered.note(request("POST", "/v1/commands"), 503, "{\"code\":\"unavailable\"}");
    assertThat(complaints(Map.of(), Map.of())).isEmpty();

    answered.note(request("POST", "/v1/commands"), 503, "{\"code\":\"unavailable\"}");
    answered.note(request("POST", "/v1/commands"), 503, "{\"code\":\"unavailable\"}");
    assertThat(complaints(Map.of(), Map.of())).containsExactly("3 of 1002 were told to come again");
  }

  @Test
  void what_nobody_was_answered_and_what_was_answered_and_is_not_there_are_found() {
    answered.note(request("POST", "/v1/commands"), 202, "{\"id\": \"a\"}");
    answered.note(request("POST", "/v1/commands/a/cancel"), 202, "{\"id\": \"a\"}");
    answered.note(request("POST", "/v1/commands?dryRun=true"), 200, "{\"id\": \"c\"}");
    answered.note(request("PUT", "/v1/holds/h"), 201, "{\"name\": \"h\"}");

    assertThat(complaints(Map.of(Ids.COMMAND, Set.of("a")), Map.of(Count.AUDITED_COMMANDS, 1L)))
        .isEmpty();
    assertThat(
            complaints(
                Map.of(Ids.COMMAND, Set.of("b"), Ids.HOLD, Set.of("other")),
                Map.of(Count.AUDITED_COMMANDS, 2L)))
        .containsExactly(
            "the command b was answered to nobody",
            "the command a is not there",
            "the hold other was answered to nobody",
            "commands in the audit record: 2 are there, 1 were answered");
  }

  @Test
  void rows_are_those_that_answers_say_were_made_and_no_others() {
    String one = "/v1/participants/one";
    answered.note(request("PUT", one + "/servers/new-1"), 201, "{}");
    answered.note(request("PUT", one + "/servers/new-1"), 200, "{}");
    answered.note(
        request("PUT", "/v1/registry"),
        200,
        "{\"created\": [{\"kind\": \"server\"}, {\"kind\": \"exposure\"}, {\"kind\":"
            + " \"customer\"}]}");
    answered.note(
        request("PUT", "/v1/registry?dryRun=true"),
        200,
        "{\"dryRun\": true, \"created\": [{\"kind\": \"server\"}]}");
    for (String path : List.of("/v1/tokens", "/v1/tokens/x/rotate", one + "/servers/s1/token")) {
      answered.note(request("POST", path), 201, "{\"id\": \"t\"}");
    }
    String machine = "{\"enrolment\": \"e\", \"server\": \"two/m1\"}";
    answered.note(request("POST", "/v1/edge/enroll"), 202, machine);
    answered.note(request("POST", "/v1/edge/enroll"), 201, machine);
    answered.note(request("POST", "/v1/edge/enroll"), 201, machine);

    Map<Ids, Set<String>> enrolled = Map.of(Ids.ENROLMENT, Set.of("e"));
    assertThat(complaints(enrolled, Map.of(Count.REGISTRY, 4L, Count.TOKENS, 5L))).isEmpty();
    assertThat(
            complaints(enrolled, Map.of(Count.REGISTRY, 5L, Count.TOKENS, 5L, Count.ORPHANS, 1L)))
        .containsExactly(
            "participants, customers, servers and configurations: 5 are there, 4 were answered",
            "rows without their command: 1 are there, 0 were answered");
  }
}
