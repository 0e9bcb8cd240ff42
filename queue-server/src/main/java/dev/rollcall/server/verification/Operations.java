// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.registry.RegistryService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The operations of the federation. Those that operators add are loaded anew with each version of
 * the registry. Thread-safe.
 */
public final class Operations {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Set<String> BUILT_IN = Set.of("purge", "invalidate", "load");

  private final RegistryService registry;
  private volatile Map<String, SchemaCheck> added = Map.of();

  public Operations(RegistryService registry) {
    this.registry = registry;
    load();
    registry.onChange((before, now) -> load());
  }

  private void load() {
    Map<String, SchemaCheck> checks = new HashMap<>();
    registry
        .read(OperationStore::load)
        .forEach((name, schema) -> checks.put(name, SchemaCheck.of(schema)));
    added = Map.copyOf(checks);
  }

  /** Whether its parameters select objects of one configuration. */
  public static boolean isBuiltIn(String operation) {
    return BUILT_IN.contains(operation);
  }

  /** Null when there is no such operation; the problem is noted. */
  public @Nullable String known(Fields body, String field) {
    body.require(field);
    String name = body.text(field, 100);
    if (name != null && !BUILT_IN.contains(name) && !added.containsKey(name)) {
      Set<String> all = new TreeSet<>(BUILT_IN);
      all.addAll(added.keySet());
      body.problem(
          field, "is " + Problems.shown(name) + "; known operations: " + String.join(", ", all));
      return null;
    }
    return name;
  }

  /** Reads an operation's parameters; null when there are none, which is noted. */
  public @Nullable VerifiedParameters verify(
      String operation, @Nullable JsonNode parameters, String pointer, Problems problems) {
    if (!BUILT_IN.contains(operation)) {
      JsonNode given = parameters == null ? Json.MAPPER.createObjectNode() : parameters;
      SchemaCheck check = added.get(operation);
      if (check != null) {
        check.check(given, pointer).forEach(p -> problems.add(p.pointer(), p.message()));
      }
      return new VerifiedParameters(given, null);
    }
    if (parameters == null) {
      problems.add(pointer, "is missing");
      return null;
    }
    int before = problems.count();
    Fields fields = Fields.of(parameters, pointer, problems);
    Selectors selectors = Selectors.read(fields, problems);
    if (operation.equals("load")) {
      refuseAllButUrls(fields);
    }
    fields.done();
    return problems.count() > before ? null : new VerifiedParameters(selectors.toJson(), selectors);
  }

  private static void refuseAllButUrls(Fields fields) {
    List<String> refused =
        Selectors.NAMES.stream().filter(name -> !name.equals("urls") && fields.has(name)).toList();
    refused.forEach(
        name -> fields.problem(name, "is not allowed with load, which takes urls only"));
    if (fields.isObject() && refused.isEmpty()) {
      fields.require("urls");
    }
  }

  /**
   * Adds an operation, or gives it another schema.
   *
   * @throws dev.rollcall.protocol.json.InvalidDocumentException when the schema cannot be used
   */
  void put(String name, JsonNode schema) {
    var problems = new Problems();
    if (BUILT_IN.contains(name) || !NAME.matcher(name).matches()) {
      problems.add(
          "/name",
          "is "
              + Problems.shown(name)
              + "; a-z, 0-9 and - are allowed, at most 63, and none of "
              + String.join(", ", new TreeSet<>(BUILT_IN)));
    }
    if (schema.toString().getBytes(UTF_8).length > SchemaCheck.MAX_BYTES) {
      problems.add("", "is larger than " + SchemaCheck.MAX_BYTES + " bytes");
    } else {
      SchemaCheck.verify(schema, "", problems);
    }
    problems.throwIfAny();
    registry.change(handle -> {
      OperationStore.put(handle, name, schema);
      registry.record().operationSet(handle, name);
      return name;
    });
  }
}
