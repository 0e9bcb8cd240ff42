// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.process;

import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A large registry: participants that expose their servers to each other, to every second one by
 * name, and configurations that each run on some servers of all of them.
 *
 * @param servers of all participants together; a multiple of {@link #PARTICIPANTS}
 * @param deployments of all configurations together; a multiple of {@link #DEPLOYMENTS_EACH}
 */
public record Roster(int servers, int deployments) {
  public static final int PARTICIPANTS = 10;
  public static final int DEPLOYMENTS_EACH = 20;

  /** As a manifest. */
  public String manifest() {
    return manifest("edge", "");
  }

  /** The same with another label at each server of the first participant. */
  public String relabelled() {
    return manifest("mid", "");
  }

  /** The same with one more deployment, which is wrong, at its very end. */
  public String spoiled() {
    return manifest("edge", "nobody/x");
  }

  public String firstServer() {
    return "/v1/participants/" + participant(0) + "/servers/" + server(0);
  }

  private String manifest(String tier, String last) {
    ObjectNode manifest = Json.MAPPER.createObjectNode();
    ArrayNode participants = manifest.putArray("participants");
    for (int i = 0; i < PARTICIPANTS; i++) {
      ObjectNode entry = participants.addObject();
      entry.put("name", participant(i)).put("delivery", "poll");
      ArrayNode own = entry.putArray("servers");
      for (int k = 0; k < serversEach(); k++) {
        own.addPOJO(server(i, k, i == 0 ? tier : "edge"));
      }
      ArrayNode exposures = entry.putArray("exposures");
      for (int k = 0; k < PARTICIPANTS; k++) {
        if (k != i) {
          exposures.addPOJO(exposure(k));
        }
      }
      entry.set("configurations", configurations(i, i == PARTICIPANTS - 1 ? last : ""));
    }
    return Json.MAPPER.writeValueAsString(manifest);
  }

  private int serversEach() {
    return servers / PARTICIPANTS;
  }

  private static String participant(int number) {
    return String.format(Locale.ROOT, "p%02d", number);
  }

  private static String server(int number) {
    return String.format(Locale.ROOT, "s%06d", number);
  }

  private Map<String, Object> server(int participant, int number, String tier) {
    int all = participant * serversEach() + number;
    return Map.of(
        "name",
        server(number),
        "region",
        "region-" + number % 8,
        "labels",
        Map.of("tier", tier, "rack", "r" + number / 40),
        "addresses",
        List.of("10." + (all >> 16) + "." + (all >> 8 & 0xff) + "." + (all & 0xff)));
  }

  private Map<String, Object> exposure(int to) {
    List<String> names = new ArrayList<>();
    for (int i = 0; to % 2 == 1 && i < serversEach(); i++) {
      names.add(server(i));
    }
    return Map.of(
        "to",
        participant(to),
        "servers",
        names.isEmpty() ? List.of("*") : names,
        "operations",
        List.of("purge", "invalidate", "load"),
        "hosts",
        List.of("*"));
  }

  private ArrayNode configurations(int participant, String last) {
    ArrayNode configurations = Json.MAPPER.createArrayNode();
    int each = deployments / DEPLOYMENTS_EACH / PARTICIPANTS;
    for (int i = 0; i < each; i++) {
      ObjectNode configuration = configurations.addObject();
      configuration.put("name", "c" + i);
      configuration.putArray("hosts").add("c" + i + "." + participant(participant) + ".example");
      ArrayNode where = configuration.putArray("deployments");
      for (int k = 0; k < DEPLOYMENTS_EACH; k++) {
        int at = (i * 7 + k / PARTICIPANTS * 13) % serversEach();
        where.add(participant(k % PARTICIPANTS) + "/" + server(at));
      }
      if (i == each - 1 && !last.isEmpty()) {
        where.add(last);
      }
    }
    return configurations;
  }
}
