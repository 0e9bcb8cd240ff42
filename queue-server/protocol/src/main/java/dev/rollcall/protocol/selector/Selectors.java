// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an operation acts on, read and normalised; empty lists for the kinds that were not given.
 *
 * @param urls single objects
 * @param prefixes everything whose normalised URL begins so; end it with a slash to stay inside a
 *     directory
 * @param patterns globs over path and query
 * @param regexes expressions over path and query
 * @param tags names that the origin gave to groups of objects
 * @param everything all objects of the configuration
 */
public record Selectors(
    List<CacheUrl> urls,
    List<CacheUrl> prefixes,
    List<PathPattern> patterns,
    List<PathRegex> regexes,
    List<String> tags,
    boolean everything) {
  /** The names of the parameters that hold selectors. */
  public static final List<String> NAMES =
      List.of("urls", "prefixes", "patterns", "regexes", "tags", "everything");

  /** Most prefixes, patterns, regexes and tags of one command: each is work over a whole cache. */
  public static final int MAX_WIDE = 200;

  private static final int MAX_TAG = 256;

  public Selectors {
    urls = List.copyOf(urls);
    prefixes = List.copyOf(prefixes);
    patterns = List.copyOf(patterns);
    regexes = List.copyOf(regexes);
    tags = List.copyOf(tags);
  }

  /** Reads the selector fields of a parameters object; every problem found is noted there. */
  public static Selectors read(Fields parameters, Problems problems) {
    boolean tooWide = tooWide(parameters);
    var selectors =
        new Selectors(
            urls(parameters, "urls", problems),
            tooWide ? List.of() : urls(parameters, "prefixes", problems),
            tooWide ? List.of() : patterns(parameters, problems),
            tooWide ? List.of() : regexes(parameters, problems),
            tooWide ? List.of() : tags(parameters, problems),
            everything(parameters));
    if (parameters.isObject() && NAMES.stream().noneMatch(parameters::has)) {
      parameters.problem("needs at least one of " + String.join(", ", NAMES));
    }
    return selectors;
  }

  /** Noted before any of them is compiled. */
  private static boolean tooWide(Fields parameters) {
    int wide = 0;
    for (String name : List.of("prefixes", "patterns", "regexes", "tags")) {
      JsonNode given = parameters.node(name);
      wide += given != null && given.isArray() ? given.size() : 0;
    }
    if (wide > MAX_WIDE) {
      parameters.problem(
          wide + " prefixes, patterns, regexes and tags; at most " + MAX_WIDE + " are allowed");
    }
    return wide > MAX_WIDE;
  }

  private static List<CacheUrl> urls(Fields parameters, String name, Problems problems) {
    List<CacheUrl> out = new ArrayList<>();
    List<JsonNode> elements = parameters.elements(name);
    notEmpty(parameters, name, elements);
    for (int i = 0; i < elements.size() && !problems.isFull(); i++) {
      String at = parameters.pointer(name) + "/" + i;
      String text = string(elements.get(i), at, problems);
      if (text != null) {
        try {
          out.add(CacheUrl.parse(text));
        } catch (SelectorException e) {
          problems.add(at, message(e));
        }
      }
    }
    return out;
  }

  private static List<PathPattern> patterns(Fields parameters, Problems problems) {
    List<PathPattern> out = new ArrayList<>();
    List<JsonNode> elements = parameters.elements("patterns");
    notEmpty(parameters, "patterns", elements);
    for (int i = 0; i < elements.size(); i++) {
      String at = parameters.pointer("patterns") + "/" + i;
      PathPattern pattern = pattern(elements.get(i), at, problems);
      if (pattern != null) {
        out.add(pattern);
      }
    }
    return out;
  }

  private static @Nullable PathPattern pattern(JsonNode element, String at, Problems problems) {
    String text;
    boolean caseSensitive = true;
    boolean matchQuery = true;
    if (element.isObject()) {
      Fields fields = Fields.of(element, at, problems);
      text = fields.requiredText("pattern", PathPattern.MAX_LENGTH);
      caseSensitive = Boolean.TRUE.equals(fields.bool("caseSensitive"));
      matchQuery = Boolean.TRUE.equals(fields.bool("matchQueryString"));
      fields.done();
    } else {
      text = string(element, at, problems);
    }
    if (text == null) {
      return null;
    }
    try {
      return PathPattern.parse(text, caseSensitive, matchQuery);
    } catch (SelectorException e) {
      problems.add(at, message(e));
      return null;
    }
  }

  private static List<PathRegex> regexes(Fields parameters, Problems problems) {
    List<PathRegex> out = new ArrayList<>();
    List<JsonNode> elements = parameters.elements("regexes");
    notEmpty(parameters, "regexes", elements);
    for (int i = 0; i < elements.size(); i++) {
      String at = parameters.pointer("regexes") + "/" + i;
      String text = string(elements.get(i), at, problems);
      if (text != null) {
        try {
          out.add(PathRegex.parse(text));
        } catch (SelectorException e) {
          problems.add(at, message(e));
        }
      }
    }
    return out;
  }

  private static List<String> tags(Fields parameters, Problems problems) {
    List<String> out = new ArrayList<>();
    List<JsonNode> elements = parameters.elements("tags");
    notEmpty(parameters, "tags", elements);
    for (int i = 0; i < elements.size(); i++) {
      String at = parameters.pointer("tags") + "/" + i;
      String tag = string(elements.get(i), at, problems);
      if (tag == null) {
        continue;
      }
      if (tag.isEmpty()
          || tag.length() > MAX_TAG
          || !tag.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"',;\\".indexOf(c) < 0)) {
        problems.add(
            at,
            "is "
                + Problems.shown(tag)
                + "; a tag has 1 to "
                + MAX_TAG
                + " printable ASCII characters without space, comma, semicolon, quote, backslash");
      } else {
        out.add(tag);
      }
    }
    return out;
  }

  private static boolean everything(Fields parameters) {
    Boolean everything = parameters.bool("everything");
    if (Boolean.FALSE.equals(everything)) {
      parameters.problem("everything", "is false; leave it out, or say true");
    }
    return Boolean.TRUE.equals(everything);
  }

  private static void notEmpty(Fields parameters, String name, List<JsonNode> elements) {
    JsonNode node = parameters.node(name);
    if (node != null && node.isArray() && elements.isEmpty()) {
      parameters.problem(name, "is empty; leave it out, or name at least one");
    }
  }

  private static @Nullable String string(JsonNode element, String at, Problems problems) {
    if (!element.isString()) {
      problems.add(at, "is no string; a string is needed");
      return null;
    }
    return element.stringValue();
  }

  private static String message(SelectorException e) {
    return String.valueOf(e.getMessage());
  }

  /** The hosts named by URLs and prefixes, each once, in order. */
  public List<HostName> hosts() {
    var names = new TreeSet<String>();
    urls.forEach(url -> names.add(url.host().name()));
    prefixes.forEach(url -> names.add(url.host().name()));
    return names.stream().map(HostName::new).toList();
  }

  /** Whether something here names no host, and so acts on all hosts of a configuration. */
  public boolean spansAllHosts() {
    return everything || !patterns.isEmpty() || !regexes.isEmpty() || !tags.isEmpty();
  }

  /** The normalised form as it travels: what {@link #read} would read to an equal value. */
  public ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    addTexts(out, "urls", urls.stream().map(CacheUrl::toString).toList());
    addTexts(out, "prefixes", prefixes.stream().map(CacheUrl::toString).toList());
    if (!patterns.isEmpty()) {
      ArrayNode array = out.putArray("patterns");
      for (PathPattern pattern : patterns) {
        if (pattern.caseSensitive() && pattern.matchQuery()) {
          array.add(pattern.pattern());
        } else {
          array
              .addObject()
              .put("pattern", pattern.pattern())
              .put("caseSensitive", pattern.caseSensitive())
              .put("matchQueryString", pattern.matchQuery());
        }
      }
    }
    addTexts(out, "regexes", regexes.stream().map(PathRegex::regex).toList());
    addTexts(out, "tags", tags);
    if (everything) {
      out.put("everything", true);
    }
    return out;
  }

  private static void addTexts(ObjectNode out, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = out.putArray(name);
      values.forEach(array::add);
    }
  }
}
