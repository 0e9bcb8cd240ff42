// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import dev.rollcall.protocol.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Random requests by the description. Thread-safe: each request has a generator of its own. */
final class Requests {
  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "PATCH");

  private static final String REPORTS = "/v1/reports/";
  private static final String ENROLMENT = "/v1/edge/enroll";
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  /** Others change and remove what stands in the registry. */
  private static final int RESTORED_EVERY = 500;

  private static final int MACHINES = 400;

  /** So many times as often as others. */
  private static final Map<String, Integer> OFTEN =
      Map.of("POST /v1/commands", 8, "POST /v1/edge/poll", 4);

  /** Nearly all the rest is about these, or done by who belongs to them. */
  private static final Pattern REMOVES_A_CALLER =
      Pattern.compile("(/v1/participants/)(one|two)|(.*/servers/)s1|(.*/customers/)shop");

  private static final Pattern PARTICIPANT = Pattern.compile("/v1/participants/[^/]+");

  private final Instant start;
  private final long seed;
  private final int callers;
  private final Description description;
  private final List<Description.Operation> operations;
  private final Function<String, List<String>> known;

  /**
   * @param callers how many tokens there are
   * @param start around which the times are that are asked for
   * @param known ids of some things that were made, by the first word of their path
   */
  Requests(
      long seed,
      Instant start,
      int callers,
      Description description,
      Function<String, List<String>> known) {
    this.seed = seed;
    this.start = start;
    this.callers = callers;
    this.description = description;
    this.operations =
        description.operations().stream()
            .flatMap(o -> Collections.nCopies(OFTEN.getOrDefault(o.name(), 1), o).stream())
            .toList();
    this.known = known;
  }

  FuzzRequest number(int number) {
    if (number % RESTORED_EVERY == RESTORED_EVERY - 1) {
      return new FuzzRequest("", "PUT", "/v1/registry", 0, JSON, utf8(Words.MANIFEST));
    }
    var random = new SplittableRandom(seed * 1_000_003 + number);
    var values = new Values(random, description, start);
    Description.Operation operation = values.oneOf(operations);
    Map<String, String> headers = new HashMap<>();
    List<String> query = new ArrayList<>();
    String path = operation.path();
    for (JsonNode parameter : operation.parameters()) {
      String name = parameter.path("name").asString();
      String where = parameter.path("in").asString();
      if (where.equals("path")) {
        String text = inPath(values, operation.path(), name);
        path = path.replace("{" + name + "}", Description.encoded(text));
      } else if (where.equals("query") && values.oneIn(3)) {
        query.add(name + "=" + Description.encoded(inQuery(values, parameter, name)));
      } else if (where.equals("header") && values.oneIn(3)) {
        headers.put(name, inHeader(values.text(parameter.path("schema"), name)));
      }
    }
    if (path.startsWith(REPORTS)) {
      Words.REPORT_PARAMETERS.stream().filter(p -> values.oneIn(2)).forEach(query::add);
    }
    if (values.oneIn(30)) {
      query.add(
          Description.encoded(values.oneOf(Values.NASTY))
              + "="
              + Description.encoded(values.oneOf(Values.NASTY)));
    }
    byte[] body = body(values, operation, path);
    if (body.length > 0) {
      headers.put("Content-Type", values.oneIn(40) ? "text/plain" : "application/json");
    }
    String method = values.oneIn(40) ? values.oneOf(METHODS) : operation.method();
    if (method.equals("DELETE")) {
      path = REMOVES_A_CALLER.matcher(path).matches() ? "/v1/participants/four" : path;
    }
    String whole = query.isEmpty() ? path : path + "?" + String.join("&", query);
    int caller = values.oneIn(20) ? -1 : caller(operation, random);
    String name = method.equals(operation.method()) ? operation.name() : "";
    return new FuzzRequest(name, method, harmless(whole), caller, headers, body);
  }

  /** Mostly one that may do it. */
  private int caller(Description.Operation operation, SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      return random.nextInt(callers);
    }
    if (operation.path().equals(ENROLMENT)) {
      return callers - 1 - random.nextInt(2);
    }
    return operation.path().startsWith("/v1/edge") ? callers - 3 : random.nextInt(2);
  }

  private String inPath(Values values, String path, String name) {
    List<String> ids = name.equals("id") ? known.apply(path.split("/", -1)[2]) : List.of();
    if (!ids.isEmpty()) {
      return values.oneIn(5) ? values.oneOf(Words.ANY) : values.oneOf(ids);
    }
    List<String> names = path.startsWith(REPORTS) ? Words.REPORTS : Words.IN_PATHS.get(name);
    if (names != null && !values.oneIn(10)) {
      return values.oneOf(names);
    }
    String text = values.text(description.any(), name);
    return text.isEmpty() ? "none" : text;
  }

  private String command(Values values) {
    List<String> ids = known.apply("commands");
    return values.oneOf(ids.isEmpty() ? Words.ANY : ids);
  }

  private static String inQuery(Values values, JsonNode parameter, String name) {
    JsonNode value = values.of(parameter.path("schema"), name, 0);
    return value.isString() ? value.asString() : value.toString();
  }

  private static String inHeader(String text) {
    String plain = text.replaceAll("[^\\x20-\\x7e]", "?").strip();
    return plain.substring(0, Math.min(1_000, plain.length()));
  }

  private byte[] body(Values values, Description.Operation operation, String path) {
    JsonNode schema = operation.body();
    if (schema == null) {
      return values.oneIn(20) ? utf8("{\"x\": 1}") : new byte[0];
    }
    List<String> right = Sound.BODIES.get(operation.name());
    JsonNode made =
        right != null && values.oneIn(2)
            ? Json.MAPPER.readTree(values.oneOf(right).replace("COMMAND", command(values)))
            : values.of(schema, "", 0);
    if (made instanceof ObjectNode object) {
      countable(path, object, values);
      if (object.path("waitSeconds").asInt(0) > 1) {
        object.put("waitSeconds", 1);
      }
    }
    byte[] bytes = utf8(made.toString());
    return values.oneIn(40) ? java.util.Arrays.copyOf(bytes, bytes.length / 2) : bytes;
  }

  /**
   * Only what an answer tells of is made. Participants of callers go on having servers; that of a
   * participant alone does not say what else was made with it; and a machine that asks for a server
   * is not told whether it was there.
   */
  private static void countable(String path, ObjectNode object, Values values) {
    if (path.equals("/v1/registry")) {
      object.path("participants").forEach(p -> goesOnPolling(p.path("name").asString(""), p));
    } else if (PARTICIPANT.matcher(path).matches()) {
      goesOnPolling(path.substring(path.lastIndexOf('/') + 1), object);
      object.remove(List.of("customers", "servers", "configurations"));
    } else if (path.equals(ENROLMENT) && object.path("name").isString()) {
      String machine = "m" + values.below(MACHINES);
      object.put("name", machine).put("claim", machine + "-".repeat(43));
    }
  }

  private static void goesOnPolling(String name, JsonNode participant) {
    boolean ofCallers = name.equals("one") || name.equals("two");
    if (ofCallers && participant instanceof ObjectNode object && object.has("delivery")) {
      object.put("delivery", "poll");
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What would empty the registry that the rest needs, or wait for long. */
  private static String harmless(String path) {
    return (path.contains("prune=true")
            ? path.replaceAll("dryRun=[^&]*", "").replace("prune=true", "prune=true&dryRun=true")
            : path)
        .replaceAll("waitSeconds=\\d+", "waitSeconds=1");
  }
}
