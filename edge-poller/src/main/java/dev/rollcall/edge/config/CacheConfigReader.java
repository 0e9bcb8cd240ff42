// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the {@code cache} part. Confined to one reading. */
final class CacheConfigReader {
  private static final List<String> DRIVERS = List.of("varnish", "directory");
  private static final int LONGEST_TEXT = 4_096;

  private final Fields fields;
  private final ZoneId machineZone;

  CacheConfigReader(Fields fields, ZoneId machineZone) {
    this.fields = fields;
    this.machineZone = machineZone;
  }

  /** Null after a problem was noted. */
  @Nullable CacheConfig read() {
    ConfigReader.missing(fields, "driver", String.join(" or ", DRIVERS));
    String driver = fields.word("driver", DRIVERS);
    if (driver == null) {
      return null; // which of the other fields are known depends on it
    }
    CacheConfig config = driver.equals("varnish") ? varnish() : directory();
    fields.done();
    return config;
  }

  private @Nullable CacheConfig varnish() {
    ConfigReader.missing(
        fields, "address", "where Varnish listens, such as http://127.0.0.1:6081,");
    String text = fields.text("address", LONGEST_TEXT);
    URI address = text == null ? null : HttpAddress.read(fields, "address", text, false);
    if (address != null && !address.getScheme().equals("http")) {
      fields.problem("address", "is " + Problems.shown(address.toString()) + "; http is needed");
      return null;
    }
    return address == null ? null : new CacheConfig.Varnish(address);
  }

  private @Nullable CacheConfig directory() {
    ConfigReader.missing(fields, "root", "the directory of the content");
    Path root = ConfigReader.path(fields, "root");
    Map<String, Origin> origins = origins();
    QuietHours quietHours = quietHours();
    boolean rename = "rename".equals(fields.word("purge", List.of("delete", "rename")));
    if (rename && !fields.has("quietHours")) {
      fields.problem("quietHours", "is missing; purge: rename needs hours such as 02:00-05:00");
    }
    Long maxObjectBytes = fields.whole("maxObjectBytes", 1, Long.MAX_VALUE);
    if (root == null) {
      return null;
    }
    return new CacheConfig.Directory(
        root,
        origins,
        rename ? quietHours : null,
        maxObjectBytes == null ? CacheConfig.Directory.DEFAULT_MAX_OBJECT_BYTES : maxObjectBytes);
  }

  private Map<String, Origin> origins() {
    Map<String, List<Network>> networks =
        byConfiguration("originNetworks", CacheConfigReader::networks);
    Map<String, URI> addresses = byConfiguration("origins", CacheConfigReader::origin);
    Map<String, Origin> out = new LinkedHashMap<>();
    addresses.forEach((name, address) ->
        out.put(name, new Origin(address, networks.getOrDefault(name, List.of()))));
    JsonNode given = fields.node("origins");
    for (String name : networks.keySet()) {
      Fields entries = fields.object("originNetworks");
      if (entries != null && (given == null || !given.has(name))) {
        entries.problem(name, "has no origin in origins");
      }
    }
    return out;
  }

  /** Reads the value for one configuration; null after a problem was noted. */
  @FunctionalInterface
  private interface Entry<T> {
    @Nullable T read(Fields fields, String name, String text);
  }

  private <T> Map<String, T> byConfiguration(String setting, Entry<T> entry) {
    Map<String, T> out = new LinkedHashMap<>();
    Fields entries = fields.object(setting);
    JsonNode node = fields.node(setting);
    if (entries == null || node == null) {
      return out;
    }
    for (String name : node.propertyNames()) {
      if (!name.matches("[a-z0-9-]+/[a-z0-9-]+")) {
        entries.problem(name, "is no configuration; a name such as alpha/acme-www is needed");
        continue;
      }
      String text = entries.requiredText(name, LONGEST_TEXT);
      T value = text == null ? null : entry.read(entries, name, text);
      if (value != null) {
        out.put(name, value);
      }
    }
    return out;
  }

  private static @Nullable URI origin(Fields fields, String name, String text) {
    URI origin = HttpAddress.read(fields, name, text, false);
    Optional<InetAddress> written =
        origin == null ? Optional.empty() : Network.address(Origin.host(origin));
    if (written.filter(at -> at.isAnyLocalAddress() || at.isMulticastAddress()).isPresent()) {
      fields.problem(name, "is " + Problems.shown(text) + "; no server has this address");
      return null;
    }
    return origin;
  }

  private static @Nullable List<Network> networks(Fields fields, String name, String text) {
    List<Network> out = new ArrayList<>();
    for (String word : text.strip().split(" +", -1)) {
      Optional<Network> network = Network.parse(word);
      if (network.isEmpty()) {
        fields.problem(
            name,
            "is "
                + Problems.shown(text)
                + "; networks such as 10.1.0.0/16 are needed, with spaces between");
        return null;
      }
      out.add(network.get());
    }
    return out;
  }

  private @Nullable QuietHours quietHours() {
    ZoneId zone = zone();
    String text = fields.text("quietHours", 100);
    if (text == null || zone == null) {
      return null;
    }
    try {
      return QuietHours.parse(text, zone);
    } catch (DateTimeException e) {
      fields.problem(
          "quietHours",
          "is " + Problems.shown(text) + "; two different times such as 02:00-05:00 are needed");
      return null;
    }
  }

  private @Nullable ZoneId zone() {
    String text = fields.text("zone", 100);
    if (text == null) {
      return machineZone;
    }
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      fields.problem(
          "zone", "is " + Problems.shown(text) + "; a time zone such as Europe/Berlin is needed");
      return null;
    }
  }
}
