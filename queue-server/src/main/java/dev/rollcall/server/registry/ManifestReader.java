// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the entries of a manifest strictly, one participant's parts at a time. */
final class ManifestReader {
  static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  static final Pattern DOTTED_NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");
  private static final Pattern CDN_ID = Pattern.compile("AS[0-9]{1,10}:[0-9]{1,10}");
  private static final Pattern LABEL =
      Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?");
  private static final Pattern OPERATION = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  private static final int MOST_ADDRESSES = 100;

  private final Problems problems;

  ManifestReader(Problems problems) {
    this.problems = problems;
  }

  /** The names of a participant's lists; {@link ManifestParser} hands in their elements. */
  static final List<String> LISTS = List.of("customers", "servers", "configurations", "exposures");

  /** The parts of one participant, as they come out of the parser. */
  static final class Parts {
    private final String pointer;
    final List<String> customers = new ArrayList<>();
    final List<Manifest.ServerEntry> servers = new ArrayList<>();
    final List<Manifest.ConfigurationEntry> configurations = new ArrayList<>();
    final List<Manifest.ExposureEntry> exposures = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    Parts(String pointer) {
      this.pointer = pointer;
    }
  }

  /** One element of one of the {@link #LISTS}. */
  void element(Parts parts, String list, int index, JsonNode element) {
    element(parts, list, parts.pointer + "/" + list + "/" + index, element);
  }

  /** The same, wherever it stands. */
  void element(Parts parts, String list, String pointer, JsonNode element) {
    Fields fields = Fields.of(element, pointer, problems);
    switch (list) {
      case "customers" -> customer(parts, fields);
      case "servers" -> server(parts, pointer, fields);
      case "configurations" -> configuration(parts, pointer, fields);
      default -> exposure(parts, pointer, fields);
    }
    fields.done();
  }

  /**
   * The participant's own fields, after all of its lists; null when it has no name. One whose
   * delivery is wrong is kept, so that what names it is not wrong as well.
   */
  Manifest.@Nullable Entry participant(Parts parts, JsonNode rest) {
    Fields fields = Fields.of(rest, parts.pointer, problems);
    String name = name(fields, NAME);
    String cdnId =
        matching(fields, "cdnId", CDN_ID, "AS, digits, colon, digits, such as AS64500:0");
    fields.require("delivery");
    String delivery = fields.word("delivery", List.of("poll", "peer", "gateway"));
    String scope = fields.word("scope", List.of("all", "exposed"));
    Participant.Peer peer = peer(fields, delivery);
    fields.done();
    if (delivery != null && !delivery.equals("poll") && !parts.servers.isEmpty()) {
      problems.add(
          parts.pointer + "/servers",
          "are named, but with delivery " + delivery + " its own system knows its servers");
    }
    if (name == null) {
      return null;
    }
    return new Manifest.Entry(
        parts.pointer,
        name,
        cdnId,
        delivery == null ? Participant.Delivery.POLL : Participant.Delivery.of(delivery),
        scope == null ? "all" : scope,
        peer,
        parts.customers,
        parts.servers,
        parts.configurations,
        parts.exposures);
  }

  private Participant.@Nullable Peer peer(Fields fields, @Nullable String delivery) {
    boolean wanted = "peer".equals(delivery);
    Fields peer = fields.object("peer");
    if (peer == null) {
      if (wanted) {
        fields.problem("peer", "is missing; delivery peer needs protocol and url");
      }
      return null;
    }
    if (!wanted) {
      fields.problem("peer", "is only allowed with delivery peer");
    }
    peer.require("protocol");
    String protocol = peer.word("protocol", List.of("rollcall", "cdni-v1", "http"));
    String url = peer.requiredText("url", 2_000);
    if (url != null) {
      String wrong = PeerAddress.whatIsWrong(url);
      if (wrong != null) {
        peer.problem("url", wrong);
      }
    }
    String token = peer.text("token", 200);
    if (token != null && !PeerAddress.isTokenReference(token)) {
      peer.problem("token", "must be a reference such as env:ROLLCALL_PEER_GAMMA, never the token");
    }
    peer.done();
    return protocol == null || url == null ? null : new Participant.Peer(protocol, url, token);
  }

  private void customer(Parts parts, Fields fields) {
    String name = name(fields, NAME);
    if (name != null && unique(parts, "customer", name, fields)) {
      parts.customers.add(name);
    }
  }

  private void server(Parts parts, String pointer, Fields fields) {
    String name = name(fields, DOTTED_NAME);
    String region = region(fields);
    Map<String, String> labels = labels(fields);
    List<String> addresses = addresses(fields);
    if (name != null && unique(parts, "server", name, fields)) {
      parts.servers.add(new Manifest.ServerEntry(pointer, name, region, labels, addresses));
    }
  }

  private List<String> addresses(Fields fields) {
    List<String> addresses = new ArrayList<>();
    List<String> given = fields.texts("addresses", 100);
    for (int i = 0; i < given.size(); i++) {
      String address = IpAddress.canonical(given.get(i));
      String at = fields.pointer("addresses") + "/" + i;
      if (address == null) {
        problems.add(
            at,
            "is "
                + Problems.shown(given.get(i))
                + "; an IP address such as 203.0.113.7 or 2001:db8::7 is needed");
      } else if (addresses.contains(address)) {
        problems.add(at, "is named twice");
      } else {
        addresses.add(address);
      }
    }
    if (given.size() > MOST_ADDRESSES) {
      fields.problem(
          "addresses",
          "has " + given.size() + " elements; at most " + MOST_ADDRESSES + " are allowed");
    }
    return addresses;
  }

  static @Nullable String region(Fields fields) {
    return matching(fields, "region", NAME, "a-z, 0-9 and -, at most 63");
  }

  Map<String, String> labels(Fields fields) {
    Map<String, String> labels = new HashMap<>();
    JsonNode node = fields.node("labels");
    if (node == null) {
      return labels;
    }
    if (!node.isObject()) {
      fields.problem("labels", "must be an object of strings");
      return labels;
    }
    for (String key : node.propertyNames()) {
      JsonNode value = Objects.requireNonNull(node.get(key));
      if (!LABEL.matcher(key).matches()) {
        fields.problem(
            "labels",
            "has the name "
                + Problems.shown(key)
                + "; allowed: letters, digits, . _ -, at most 63");
      } else if (!value.isString() || !LABEL.matcher(value.stringValue()).matches()) {
        problems.add(
            fields.pointer("labels") + "/" + key,
            "must be a string of letters, digits, . _ -, at most 63");
      } else {
        labels.put(key, value.stringValue());
      }
    }
    return labels;
  }

  private void configuration(Parts parts, String pointer, Fields fields) {
    String name = name(fields, DOTTED_NAME);
    String customer = matching(fields, "customer", NAME, "the name of a customer");
    List<HostRule> hosts = hosts(fields, "hosts");
    List<Configuration.Deployment> deployments = deployments(fields);
    if (name != null && unique(parts, "configuration", name, fields)) {
      parts.configurations.add(
          new Manifest.ConfigurationEntry(pointer, name, customer, hosts, deployments));
    }
  }

  private List<HostRule> hosts(Fields fields, String field) {
    Set<HostRule> rules = new LinkedHashSet<>();
    List<String> given = fields.texts(field, 255);
    for (int i = 0; i < given.size(); i++) {
      try {
        HostRule rule = HostRule.parse(given.get(i));
        if (!rules.add(rule)) {
          problems.add(fields.pointer(field) + "/" + i, "is named twice");
        }
      } catch (SelectorException e) {
        problems.add(fields.pointer(field) + "/" + i, String.valueOf(e.getMessage()));
      }
    }
    return List.copyOf(rules);
  }

  List<Configuration.Deployment> deployments(Fields fields) {
    List<Configuration.Deployment> deployments = new ArrayList<>();
    Set<Configuration.Deployment> seen = new HashSet<>();
    List<String> given = fields.texts("deployments", 200);
    for (int i = 0; i < given.size(); i++) {
      String[] parts = given.get(i).split("/", -1);
      if (parts.length != 2
          || !NAME.matcher(parts[0]).matches()
          || !(parts[1].equals("*") || DOTTED_NAME.matcher(parts[1]).matches())) {
        problems.add(
            fields.pointer("deployments") + "/" + i,
            "is "
                + Problems.shown(given.get(i))
                + "; participant/server or participant/* is needed");
        continue;
      }
      var deployment = new Configuration.Deployment(parts[0], parts[1]);
      if (seen.add(deployment)) {
        deployments.add(deployment);
      } else {
        problems.add(fields.pointer("deployments") + "/" + i, "is named twice");
      }
    }
    return deployments;
  }

  private void exposure(Parts parts, String pointer, Fields fields) {
    String name = fields.has("name") ? name(fields, NAME) : "";
    String to = fields.requiredText("to", 63);
    List<String> servers = names(fields, "servers", DOTTED_NAME);
    List<String> operations = names(fields, "operations", OPERATION);
    List<String> hosts =
        fields.has("hosts") && fields.texts("hosts", 255).equals(List.of("*"))
            ? List.of("*")
            : hosts(fields, "hosts").stream().map(HostRule::toString).toList();
    Integer perMinute = fields.integer("commandsPerMinute", 1, 1_000_000);
    String detail = fields.word("detail", List.of("counts", "servers"));
    Instant until = fields.instant("until");
    if (to == null
        || name == null
        || (!name.isEmpty() && !unique(parts, "exposure", name, fields))) {
      return;
    }
    parts.exposures.add(
        new Manifest.ExposureEntry(
            pointer,
            new Participant.Exposure(
                name,
                to,
                servers,
                operations,
                hosts,
                perMinute,
                detail == null ? "counts" : detail,
                until == null ? null : until.truncatedTo(ChronoUnit.MICROS),
                false,
                null)));
  }

  private List<String> names(Fields fields, String field, Pattern allowed) {
    List<String> given = fields.texts(field, 200);
    for (int i = 0; i < given.size(); i++) {
      boolean all = field.equals("servers") && given.get(i).equals("*");
      if (!all && !allowed.matcher(given.get(i)).matches()) {
        problems.add(
            fields.pointer(field) + "/" + i,
            "is " + Problems.shown(given.get(i)) + "; a name is needed");
      }
    }
    return given;
  }

  private boolean unique(Parts parts, String kind, String name, Fields fields) {
    if (!parts.seen.add(kind + " " + name)) {
      fields.problem("name", "is " + Problems.shown(name) + ", which stands here twice");
      return false;
    }
    return true;
  }

  static @Nullable String name(Fields fields, Pattern allowed) {
    fields.require("name");
    return matching(
        fields,
        "name",
        allowed,
        "a-z, 0-9 and - " + (allowed == DOTTED_NAME ? "and . " : "") + "inside, at most 63");
  }

  private static @Nullable String matching(
      Fields fields, String field, Pattern allowed, String words) {
    String value = fields.text(field, 1_000);
    if (value != null && !allowed.matcher(value).matches()) {
      fields.problem(field, "is " + Problems.shown(value) + "; allowed: " + words);
      return null;
    }
    return value;
  }
}
