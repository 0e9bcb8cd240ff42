// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.process;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Participants that run each other's configurations on all their servers. Named by a letter, so
 * that several groups can live in one registry.
 *
 * @param prefix of the participants' names
 * @param participants how many
 * @param serversEach how many servers each of them has
 * @param origins how many of them have configurations, one each, deployed on all servers
 * @param narrow how many more configurations the first one has
 * @param narrowServers on how many servers each of these is deployed
 */
public record Group(
    String prefix, int participants, int serversEach, int origins, int narrow, int narrowServers) {
  /** Without narrow configurations. */
  public static Group wide(String prefix, int participants, int serversEach, int origins) {
    return new Group(prefix, participants, serversEach, origins, 0, 0);
  }

  public int servers() {
    return participants * serversEach;
  }

  /** Full names, by number. */
  public List<String> serverNames() {
    List<String> names = new ArrayList<>(servers());
    for (int i = 0; i < servers(); i++) {
      names.add(serverName(i));
    }
    return names;
  }

  private String serverName(int number) {
    return participant(number / serversEach) + "/" + server(number % serversEach);
  }

  private String participant(int number) {
    return "%s%02d".formatted(prefix, number + 1);
  }

  private static String server(int number) {
    return "s%05d".formatted(number + 1);
  }

  /** A purge of one URL of the configuration that an origin has everywhere. */
  public String purgeWide(int origin, long which) {
    return purge(participant(origin), "wide", which);
  }

  /** A purge of one URL of a narrow configuration. */
  public String purgeNarrow(int configuration, long which) {
    return purge(participant(0), "narrow-" + configuration, which);
  }

  private static String purge(String participant, String configuration, long which) {
    return """
    {"operation":"purge","target":{"configuration":"%1$s/%2$s"},\
    "parameters":{"urls":["https://%2$s.%1$s.example/assets/app-%3$d.js"]}}\
    """
        .formatted(participant, configuration, which);
  }

  /** The participants of this group as entries of a manifest. */
  List<Map<String, Object>> entries() {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (int i = 0; i < participants; i++) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", participant(i));
      entry.put("delivery", "poll");
      entry.put("servers", servers(i));
      entry.put("configurations", configurations(i));
      entry.put("exposures", exposures(i));
      entries.add(entry);
    }
    return entries;
  }

  private List<Map<String, Object>> servers(int participant) {
    List<Map<String, Object>> servers = new ArrayList<>(serversEach);
    for (int i = 0; i < serversEach; i++) {
      servers.add(Map.of("name", server(i), "region", "region-" + participant % 4));
    }
    return servers;
  }

  private List<Map<String, Object>> configurations(int participant) {
    List<Map<String, Object>> configurations = new ArrayList<>();
    if (participant < origins) {
      List<String> everywhere = new ArrayList<>();
      for (int i = 0; i < participants; i++) {
        everywhere.add(participant(i) + "/*");
      }
      configurations.add(configuration(participant, "wide", everywhere));
    }
    for (int i = 0; participant == 0 && i < narrow; i++) {
      List<String> some = new ArrayList<>();
      for (int k = 0; k < narrowServers; k++) {
        some.add(serverName((i + k * servers() / narrowServers) % servers()));
      }
      configurations.add(configuration(participant, "narrow-" + i, some));
    }
    return configurations;
  }

  private Map<String, Object> configuration(
      int participant, String name, List<String> deployments) {
    return Map.of(
        "name",
        name,
        "hosts",
        List.of(name + "." + participant(participant) + ".example"),
        "deployments",
        deployments);
  }

  private List<Map<String, Object>> exposures(int participant) {
    List<Map<String, Object>> exposures = new ArrayList<>();
    for (int i = 0; i < participants; i++) {
      if (i != participant) {
        exposures.add(
            Map.of(
                "to",
                participant(i),
                "servers",
                List.of("*"),
                "operations",
                List.of("purge", "invalidate", "load"),
                "hosts",
                List.of("*")));
      }
    }
    return exposures;
  }
}
