// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import dev.rollcall.load.fuzz.DatabaseRows.Count;
import dev.rollcall.load.fuzz.DatabaseRows.Ids;
import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What may stand in the database, since a request was answered that it is done. Thread-safe. */
final class Accounts {
  private static final Pattern COMMAND =
      Pattern.compile("POST /v1/commands(/[^/]+/(cancel|retry))?");
  private static final Pattern TOKEN =
      Pattern.compile("POST /v1/(tokens|tokens/[^/]+/rotate|participants/.+/token)");
  private static final Pattern THING =
      Pattern.compile("PUT /v1/participants/[^/]+(/(customers|servers|configurations)/[^/]+)?");
  private static final Pattern REMOVAL = Pattern.compile("DELETE /v1/participants/.+");

  private final Map<Ids, Set<String>> ids = new EnumMap<>(Ids.class);
  private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);
  private final Set<String> machines = ConcurrentHashMap.newKeySet();

  Accounts() {
    for (Ids kind : Ids.values()) {
      ids.put(kind, ConcurrentHashMap.newKeySet());
    }
    for (Count kind : Count.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  private Set<String> of(Ids kind) {
    return java.util.Objects.requireNonNull(ids.get(kind));
  }

  private LongAdder of(Count kind) {
    return java.util.Objects.requireNonNull(counts.get(kind));
  }

  int commands() {
    return of(Ids.COMMAND).size();
  }

  /**
   * @param status 2xx
   */
  void done(FuzzRequest request, int status, String body) {
    String path = request.path().split("\\?", 2)[0];
    String route = request.method() + " " + path;
    if (status == 202 && COMMAND.matcher(route).matches()) {
      if (of(Ids.COMMAND).add(Json.MAPPER.readTree(body).path("id").asString())) {
        of(Count.AUDITED_COMMANDS).increment();
      }
    } else if (route.startsWith("PUT /v1/holds/")) {
      of(Ids.HOLD).add(Json.MAPPER.readTree(body).path("name").asString());
    } else if (route.startsWith("PUT /v1/operations/")) {
      of(Ids.OPERATION).add(Description.decoded(path.substring("/v1/operations/".length())));
    } else if (status == 201 && TOKEN.matcher(route).matches()) {
      of(Count.TOKENS).increment();
    } else if (status == 201 && route.equals("POST /v1/join-tokens")) {
      of(Count.JOIN_TOKENS).increment();
    } else if (route.equals("POST /v1/edge/enroll")) {
      enrolled(status, Json.MAPPER.readTree(body));
    } else if (status == 201 && THING.matcher(route).matches()) {
      of(Count.REGISTRY).increment();
    } else if (route.equals("PUT /v1/registry") || REMOVAL.matcher(route).matches()) {
      applied(Json.MAPPER.readTree(body));
    }
  }

  /** A machine asks again for the same server: another token, but no other server. */
  private void enrolled(int status, JsonNode answer) {
    of(Ids.ENROLMENT).add(answer.path("enrolment").asString());
    if (status == 201) {
      of(Count.TOKENS).increment();
      if (machines.add(answer.path("server").asString())) {
        of(Count.REGISTRY).increment();
      }
    }
  }

  private void applied(JsonNode diff) {
    if (!diff.path("dryRun").asBoolean(false)) {
      for (JsonNode item : diff.path("created")) {
        if (!item.path("kind").asString().equals("exposure")) {
          of(Count.REGISTRY).increment();
        }
      }
    }
  }

  /** What a database holds beyond that, and what of it is missing. */
  List<String> differences(DatabaseRows before, DatabaseRows after) {
    List<String> found = new ArrayList<>();
    for (Ids kind : Ids.values()) {
      Set<String> answered = of(kind);
      after.ids(kind).stream()
          .filter(id -> !answered.contains(id) && !before.ids(kind).contains(id))
          .forEach(id -> found.add("the " + kind.word() + " " + id + " was answered to nobody"));
      if (!kind.mayGo()) {
        answered.stream()
            .filter(id -> !after.ids(kind).contains(id))
            .forEach(id -> found.add("the " + kind.word() + " " + id + " is not there"));
      }
    }
    for (Count kind : Count.values()) {
      long there = after.count(kind) - before.count(kind);
      long answered = of(kind).sum();
      if (there != answered) {
        found.add(kind.word() + ": " + there + " are there, " + answered + " were answered");
      }
    }
    return found;
  }
}
