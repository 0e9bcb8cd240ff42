// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.app.cli.CommandFailure.Wrong;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A command put together from options. Whether it makes sense the server decides: it has the rules,
 * and says all that is wrong at once.
 */
final class CommandDraft {
  @Option(
      names = "--operation",
      paramLabel = "NAME",
      order = 1,
      description = "purge, invalidate, load, or another that the server knows.")
  @Nullable String operation;

  @ArgGroup(exclusive = false, order = 2, heading = "%nTarget:%n")
  private Target target = new Target();

  @ArgGroup(exclusive = false, order = 3, heading = "%nParameters:%n")
  private Parameters parameters = new Parameters();

  @ArgGroup(exclusive = false, order = 4, heading = "%nOptions of the command:%n")
  private Options options = new Options();

  /** What it is for. */
  static final class Target {
    @Option(
        names = "--configuration",
        paramLabel = "P/C",
        description = "All servers that carry it, such as alpha/acme-www.")
    @Nullable String configuration;

    @Option(
        names = "--servers",
        paramLabel = "P/S",
        split = ",",
        description = "These servers, such as alpha/lax-01,beta/fra-01.")
    final List<String> servers = new ArrayList<>();

    @Option(
        names = "--participants",
        paramLabel = "P",
        split = ",",
        description =
            "Servers of these participants; with --configuration only those that carry it.")
    final List<String> participants = new ArrayList<>();

    @Option(
        names = "--regions",
        paramLabel = "R",
        split = ",",
        description = "Servers in these regions; with --configuration only those that carry it.")
    final List<String> regions = new ArrayList<>();

    @Option(
        names = "--label",
        paramLabel = "NAME=VALUE",
        description = "Servers with this label; repeatable, all must hold.")
    final Map<String, String> labels = new LinkedHashMap<>();

    boolean isEmpty() {
      return configuration == null
          && servers.isEmpty()
          && participants.isEmpty()
          && regions.isEmpty()
          && labels.isEmpty();
    }

    ObjectNode json() {
      ObjectNode json = Json.MAPPER.createObjectNode();
      boolean selecting = !participants.isEmpty() || !regions.isEmpty() || !labels.isEmpty();
      if (!servers.isEmpty() && (configuration != null || selecting)) {
        throw Wrong.usage("--servers names the whole target; nothing else can be a part of it");
      }
      if (configuration != null && !labels.isEmpty()) {
        throw Wrong.usage(
            "--label cannot narrow --configuration; --participants and --regions can");
      }
      if (configuration != null) {
        json.put("configuration", configuration);
      }
      putAll(json, "servers", servers);
      ObjectNode at = configuration == null && selecting ? json.putObject("selector") : json;
      putAll(at, "participants", participants);
      putAll(at, "regions", regions);
      if (!labels.isEmpty()) {
        labels.forEach(at.putObject("labels")::put);
      }
      return json;
    }
  }

  /** What it acts on. */
  static final class Parameters {
    @Option(
        names = "--url",
        paramLabel = "URL",
        description = "This object; repeatable, as the others.")
    final List<String> urls = new ArrayList<>();

    @Option(names = "--prefix", paramLabel = "URL", description = "All that begins with this URL.")
    final List<String> prefixes = new ArrayList<>();

    @Option(
        names = "--pattern",
        paramLabel = "GLOB",
        description = "Paths that match, such as /img/*.png (RFC 8007: *, ?, $ to escape).")
    final List<String> patterns = new ArrayList<>();

    @Option(
        names = "--regex",
        paramLabel = "REGEX",
        description = "Paths that match this expression.")
    final List<String> regexes = new ArrayList<>();

    @Option(names = "--tag", paramLabel = "TAG", description = "Objects with this tag.")
    final List<String> tags = new ArrayList<>();

    @Option(names = "--everything", description = "All objects of the configuration.")
    boolean everything;

    @Option(
        names = "--parameters",
        paramLabel = "JSON",
        description = "All parameters as one JSON object, instead of the options above.")
    @Nullable String json;

    boolean isEmpty() {
      return json == null && selectors().isEmpty();
    }

    ObjectNode json() {
      ObjectNode selectors = selectors();
      if (json == null) {
        return selectors;
      }
      if (!selectors.isEmpty()) {
        throw Wrong.usage("--parameters holds all parameters; the other options cannot add to it");
      }
      return object("--parameters", json.getBytes(StandardCharsets.UTF_8));
    }

    private ObjectNode selectors() {
      ObjectNode out = Json.MAPPER.createObjectNode();
      putAll(out, "urls", urls);
      putAll(out, "prefixes", prefixes);
      putAll(out, "patterns", patterns);
      putAll(out, "regexes", regexes);
      putAll(out, "tags", tags);
      if (everything) {
        out.put("everything", true);
      }
      return out;
    }
  }

  /** How it is carried out. */
  static final class Options {
    @Option(names = "--lane", paramLabel = "LANE", description = "urgent, normal or bulk.")
    @Nullable String lane;

    @Option(
        names = "--ordering-key",
        paramLabel = "KEY",
        description = "Commands with one key are executed in order; \"\" for none.")
    @Nullable String orderingKey;

    @Option(
        names = "--not-before",
        paramLabel = "TIME",
        description = "Such as 2026-12-24T18:00:00Z.")
    @Nullable String notBefore;

    @Option(
        names = "--deadline-seconds",
        paramLabel = "N",
        description = "What has not ended then expires.")
    @Nullable Integer deadlineSeconds;

    @Option(
        names = "--lease-seconds",
        paramLabel = "N",
        description = "How long a server may take.")
    @Nullable Integer leaseSeconds;

    @Option(names = "--max-attempts", paramLabel = "N", description = "How often a server may try.")
    @Nullable Integer maxAttempts;

    @Option(
        names = "--no-partial",
        description = "Refuse the whole if any server may not execute it.")
    boolean noPartial;

    @Option(
        names = "--degrade",
        paramLabel = "HOW",
        arity = "0..1",
        fallbackValue = "widen",
        description = "refuse (the default) or widen, which --degrade alone means.")
    @Nullable String degrade;

    ObjectNode json() {
      ObjectNode json = Json.MAPPER.createObjectNode();
      put(json, "orderingKey", orderingKey);
      put(json, "lane", lane);
      put(json, "notBefore", notBefore);
      put(json, "deadlineSeconds", deadlineSeconds);
      put(json, "leaseSeconds", leaseSeconds);
      put(json, "maxAttempts", maxAttempts);
      if (noPartial) {
        json.put("partial", false);
      }
      put(json, "degrade", degrade);
      return json;
    }

    private static void put(ObjectNode json, String name, @Nullable Object value) {
      if (value != null) {
        json.set(name, Json.MAPPER.valueToTree(value));
      }
    }
  }

  /** Whether any option was given. */
  boolean isEmpty() {
    return operation == null
        && target.isEmpty()
        && parameters.isEmpty()
        && options.json().isEmpty();
  }

  /**
   * @throws CommandFailure when options exclude each other or something is missing
   */
  ObjectNode json() {
    if (operation == null) {
      throw Wrong.usage("--operation (or --file) is missing");
    }
    if (target.isEmpty()) {
      throw Wrong.usage(
          "the target is missing: --configuration, --servers, or --participants, --regions,"
              + " --label");
    }
    ObjectNode json = Json.MAPPER.createObjectNode().put("operation", operation);
    json.set("target", target.json());
    json.set("parameters", parameters.json());
    ObjectNode chosen = options.json();
    if (!chosen.isEmpty()) {
      json.set("options", chosen);
    }
    return json;
  }

  /** Parses what must be one JSON object. */
  static ObjectNode object(String name, byte[] utf8) {
    try {
      JsonNode node = Json.parse(utf8);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw Wrong.usage(name + " must be one JSON object");
    } catch (InvalidDocumentException e) {
      throw Wrong.usage(name + " " + e.problems().getFirst().message());
    }
  }

  private static void putAll(ObjectNode json, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = json.putArray(name);
      values.forEach(array::add);
    }
  }
}
