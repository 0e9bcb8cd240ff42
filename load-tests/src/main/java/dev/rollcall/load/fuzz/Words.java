// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import java.util.List;
import java.util.Map;

/** Names that stand in the registry of a fuzzed server, and some that do not. */
final class Words {
  static final String MANIFEST =
      """
      {"participants": [
        {"name": "one", "delivery": "poll", "customers": [{"name": "shop"}],
         "servers": [{"name": "s1", "region": "north"}, {"name": "s2", "region": "south"}],
         "configurations": [{"name": "www", "customer": "shop", "hosts": ["www.one.example"],
                             "deployments": ["one/*", "two/s1"]}]},
        {"name": "two", "delivery": "poll", "servers": [{"name": "s1", "region": "north"}],
         "configurations": [{"name": "www", "hosts": ["www.two.example"], "deployments": ["two/s1"]}],
         "exposures": [{"to": "one", "servers": ["*"], "operations": ["purge"], "hosts": ["*"]}]},
        {"name": "three", "delivery": "gateway"}]}
      """;

  static final List<String> FIELDS = List.of("urls", "everything", "tags", "type", "x", "prefixes");

  private static final List<String> PARTICIPANTS = List.of("one", "two", "three", "four");
  private static final List<String> SERVERS = List.of("one/s1", "one/s2", "two/s1", "two/s9");
  private static final List<String> CONFIGURATIONS = List.of("one/www", "two/www", "one/none");
  private static final List<String> OPERATIONS = List.of("purge", "invalidate", "load", "restart");
  private static final List<String> SHORT = List.of("s1", "s2", "s3", "new-1");

  static final List<String> ANY =
      List.of(
          "one",
          "www.one.example",
          "https://www.one.example/a",
          "north",
          "9",
          "purge",
          "3f0c0a52-0000-7000-8000-000000000000",
          "env:ROLLCALL_PEER_ONE",
          "AS64500:0");

  static final List<String> REPORTS =
      List.of("audit", "command_status", "queue_backlog", "servers_silent");

  /** Of reports: they stand in no description. */
  static final List<String> REPORT_PARAMETERS =
      List.of("since=2026-01-01T00:00:00Z", "participant=one", "seconds=1", "since=infinity");

  /** What parameters of paths take that have the name of a field which takes something else. */
  static final Map<String, List<String>> IN_PATHS =
      Map.of(
          "participant", List.of("one", "one", "two", "three", "four", "new-1"),
          "customer", List.of("shop", "new-1", "new-2"),
          "exposure", List.of("two", "one", "new-1"),
          "configuration", List.of("www", "img", "new-1"));

  static final Map<String, List<String>> BY_NAME =
      Map.ofEntries(
          Map.entry("participant", PARTICIPANTS),
          Map.entry("participants", PARTICIPANTS),
          Map.entry("origin", PARTICIPANTS),
          Map.entry("to", PARTICIPANTS),
          Map.entry("scope", List.of("one", "one/shop", "one/s1", "two/s1", "four")),
          Map.entry("server", SHORT),
          Map.entry("servers", SERVERS),
          Map.entry("deployments", SERVERS),
          Map.entry("configuration", CONFIGURATIONS),
          Map.entry("operation", OPERATIONS),
          Map.entry("operations", OPERATIONS),
          Map.entry("regions", List.of("north", "south", "east")),
          Map.entry("region", List.of("north", "south")),
          Map.entry("hosts", List.of("www.one.example", "*.one.example", "new.two.example")),
          Map.entry("urls", List.of("https://www.one.example/a", "http://www.two.example/b?c")),
          Map.entry("prefixes", List.of("https://www.one.example/a/", "https://www.two.example/")),
          Map.entry("name", List.of("one", "two", "s1", "www", "shop", "new-1", "new-2")),
          Map.entry("orderingKey", List.of("", "a", "one/www")),
          Map.entry("customer", List.of("shop", "new-1")),
          Map.entry("claim", List.of("c".repeat(43), "d".repeat(60), "e".repeat(128))),
          Map.entry("If-Match", List.of("*", "\"x\"", "W/\"x\", \"y\"")),
          Map.entry("If-None-Match", List.of("*", "\"x\"")),
          Map.entry("Idempotency-Key", List.of("a", "b", "c")),
          Map.entry("outcome", List.of("succeeded", "failed", "rejected", "released", "x")));

  private Words() {}
}
