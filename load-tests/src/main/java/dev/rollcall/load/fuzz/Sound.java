// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import java.util.List;
import java.util.Map;

/**
 * Bodies that are right: nearly all of what chance would make is refused for the same few reasons.
 * {@code COMMAND} stands for the id of one that was accepted.
 */
final class Sound {
  private static final String TO_ONE = "{\"operation\": \"purge\", \"target\": ";
  private static final String URL = ", \"parameters\": {\"urls\": [\"https://www.one.example/a\"]}";

  private static final List<String> COMMANDS =
      List.of(
          TO_ONE + "{\"configuration\": \"one/www\"}" + URL + "}",
          TO_ONE + "{\"configuration\": \"one/www\"}, \"parameters\": {\"everything\": true}}",
          TO_ONE + "{\"configuration\": \"one/www\", \"regions\": [\"north\"]}" + URL + "}",
          TO_ONE + "{\"configuration\": \"one/www\", \"participants\": [\"two\"]}" + URL + "}",
          TO_ONE + "{\"servers\": [\"one/s1\", \"one/s2\"]}" + URL + "}",
          TO_ONE + "{\"selector\": {\"participants\": [\"one\"]}}" + URL + "}",
          TO_ONE
              + "{\"configuration\": \"one/www\"}"
              + URL
              + ", \"options\": {\"orderingKey\": \"a\", \"lane\": \"urgent\", \"maxAttempts\":"
              + " 1}}",
          TO_ONE
              + "{\"configuration\": \"one/www\"}"
              + URL
              + ", \"options\": {\"deadlineSeconds\": 1, \"partial\": false}}",
          "{\"operation\": \"load\", \"target\": {\"configuration\": \"two/www\"},"
              + " \"parameters\": {\"urls\": [\"https://www.two.example/b\"]}}",
          "{\"operation\": \"invalidate\", \"target\": {\"configuration\": \"one/www\"},"
              + " \"parameters\": {\"regexes\": [\"^/a+$\"], \"tags\": [\"a\"],"
              + " \"patterns\": [\"/*.js\"]}}");

  private static final List<String> MANIFESTS =
      List.of(
          "{\"participants\": [{\"name\": \"four\", \"delivery\": \"poll\","
              + " \"customers\": [{\"name\": \"shop\"}], \"servers\": [{\"name\": \"s1\"}],"
              + " \"configurations\": [{\"name\": \"www\", \"hosts\": [\"www.four.example\"]}]}]}",
          "{\"participants\": [{\"name\": \"new-1\", \"delivery\": \"poll\"},"
              + " {\"name\": \"new-1\", \"delivery\": \"poll\"}]}",
          "{\"participants\": [{\"name\": \"new-2\", \"delivery\": \"gateway\"}]}");

  private static final String RESULTS =
      "\"results\": [{\"command\": \"COMMAND\", \"lease\": 1, \"outcome\": \"%s\", \"retry\":"
          + " false}, {\"command\": \"COMMAND\", \"lease\": 2, \"outcome\": \"succeeded\","
          + " \"objects\": 3}]}";

  /** By the operation, with its method. */
  static final Map<String, List<String>> BODIES =
      Map.ofEntries(
          Map.entry("POST /v1/commands", COMMANDS),
          Map.entry("PUT /v1/registry", MANIFESTS),
          Map.entry(
              "POST /v1/commands/{id}/executions/{participant}/{server}/end",
              List.of("{\"reason\": \"it is gone\"}")),
          Map.entry(
              "POST /v1/edge/poll",
              List.of(
                  "{\"capacity\": 20}",
                  "{\"capacity\": 5, " + RESULTS.formatted("failed"),
                  "{\"capacity\": 0, " + RESULTS.formatted("rejected"))),
          Map.entry(
              "POST /v1/edge/results",
              List.of("{" + RESULTS.formatted("failed"), "{" + RESULTS.formatted("released"))),
          Map.entry(
              "POST /v1/edge/leases",
              List.of(
                  "{\"leases\": [{\"command\": \"COMMAND\", \"lease\": 1, \"extendSeconds\":"
                      + " 9}]}")),
          Map.entry(
              "PUT /v1/participants/{participant}",
              List.of(
                  "{\"delivery\": \"poll\"}",
                  "{\"delivery\": \"gateway\", \"cdnId\": \"AS64500:1\"}",
                  "{\"delivery\": \"poll\", \"exposures\": [{\"to\": \"one\", \"servers\": [\"*\"],"
                      + " \"operations\": [\"purge\"], \"hosts\": [\"*\"], \"detail\":"
                      + " \"servers\"}]}",
                  "{\"delivery\": \"peer\", \"peer\": {\"protocol\": \"cdni-v1\", \"url\":"
                      + " \"https://peer.example/\", \"token\": \"env:ROLLCALL_PEER_ONE\"}}")),
          Map.entry(
              "PUT /v1/participants/{participant}/exposures/{exposure}",
              List.of(
                  "{\"to\": \"two\", \"servers\": [\"*\"], \"operations\": [\"purge\", \"load\"],"
                      + " \"hosts\": [\"*\"]}",
                  "{\"to\": \"one\", \"servers\": [\"s1\"], \"operations\": [\"purge\"],"
                      + " \"hosts\": [\"www.one.example\"], \"commandsPerMinute\": 600}")),
          Map.entry(
              "PUT /v1/participants/{participant}/servers/{server}",
              List.of("{\"region\": \"north\", \"labels\": {\"a\": \"b\"}}", "{}")),
          Map.entry(
              "PUT /v1/participants/{participant}/configurations/{configuration}",
              List.of(
                  "{\"hosts\": [\"www.one.example\"], \"deployments\": [\"one/s1\", \"one/s2\"]}",
                  "{\"hosts\": [\"img.one.example\"]}",
                  "{}")),
          Map.entry(
              "PUT /v1/participants/{participant}/configurations/{configuration}/deployments",
              List.of("[\"one/s1\", \"two/s1\"]", "{\"deployments\": [\"one/*\"]}", "[]")));

  private Sound() {}
}
