// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.Configuration;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.IpAddress;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of the registry a caller knows and may command, and which names of a target are none of it.
 * For a caller there is no difference between what does not exist and what it may not know.
 * Confined to one request.
 */
final class TargetNames {
  private static final int MOST_SHOWN = 5;

  private final Registry registry;
  private final Caller caller;
  private final Problems problems;
  private @Nullable Deployed deployed;
  private @Nullable Set<String> regions;

  /** Where the caller's configurations run: on all of a participant's servers, or on one. */
  private record Deployed(Set<String> participants, Set<String> servers) {}

  TargetNames(Registry registry, Caller caller, Problems problems) {
    this.registry = registry;
    this.caller = caller;
    this.problems = problems;
  }

  /**
   * Notes every name that is unknown, and every selector's host that is none of the configuration.
   *
   * @param selectors null: there are none, or they could not be read
   */
  void check(Target target, @Nullable Selectors selectors) {
    switch (target) {
      case Target.OfConfiguration of -> {
        Configuration configuration = configuration(of.configuration());
        checkNames(of.participants(), this::knowsParticipant, "participant");
        checkNames(of.regions(), this::isRegion, "region");
        if (configuration != null && selectors != null) {
          checkHosts(configuration, selectors);
        }
      }
      case Target.OfServers of -> checkServers(of.servers());
      case Target.OfSelector of -> {
        checkNames(of.participants(), this::knowsParticipant, "participant");
        checkNames(of.regions(), this::isRegion, "region");
      }
    }
  }

  private @Nullable Configuration configuration(Target.Name name) {
    Configuration configuration = registry.configuration(name.text());
    if (configuration == null || !knows(configuration)) {
      unknown(name, "configuration");
      return null;
    }
    return configuration;
  }

  /** Null for one that this caller does not know, or that is one of several. */
  @Nullable EdgeServer server(Target.Name name) {
    if (name.isAddress()) {
      List<EdgeServer> there = serversAt(name);
      return there.size() == 1 ? there.getFirst() : null;
    }
    EdgeServer server = registry.server(name.text());
    return server == null || !knows(server) ? null : server;
  }

  /** Those that this caller knows: others' do not make an address ambiguous. */
  private List<EdgeServer> serversAt(Target.Name name) {
    String address = IpAddress.canonical(name.address());
    return address == null
        ? List.of()
        : registry.serversAt(address).stream().filter(this::knows).toList();
  }

  private void checkServers(List<Target.Name> servers) {
    for (Target.Name name : servers) {
      if (problems.isFull()) {
        return;
      }
      if (server(name) != null) {
        continue;
      }
      if (!name.isAddress()) {
        unknown(name, "server");
      } else if (IpAddress.canonical(name.address()) == null) {
        problems.add(
            name.pointer(),
            "is "
                + Problems.shown(name.text())
                + "; an IP address such as ip:203.0.113.7 or ip:2001:db8::7 is needed");
      } else if (serversAt(name).isEmpty()) {
        problems.add(
            name.pointer(),
            "is " + Problems.shown(name.text()) + ", which is the address of no server");
      } else {
        problems.add(
            name.pointer(),
            "is "
                + Problems.shown(name.text())
                + ", which is the address of several servers: "
                + serversAt(name).stream()
                    .limit(MOST_SHOWN)
                    .map(EdgeServer::fullName)
                    .collect(Collectors.joining(", "))
                + "; name one of them");
      }
    }
  }

  private interface Known {
    boolean is(String name);
  }

  private void checkNames(@Nullable List<Target.Name> names, Known known, String kind) {
    for (Target.Name name : names == null ? List.<Target.Name>of() : names) {
      if (problems.isFull()) {
        return;
      }
      if (!known.is(name.text())) {
        unknown(name, kind);
      }
    }
  }

  private void unknown(Target.Name name, String kind) {
    problems.add(name.pointer(), "is " + Problems.shown(name.text()) + ", which is no " + kind);
  }

  private void checkHosts(Configuration configuration, Selectors selectors) {
    checkHosts(configuration, "urls", selectors.urls().stream().map(url -> url.host()).toList());
    checkHosts(
        configuration, "prefixes", selectors.prefixes().stream().map(url -> url.host()).toList());
  }

  /** Many objects of few hosts are the usual thing: each host is looked up once. */
  private void checkHosts(Configuration configuration, String field, List<HostName> hosts) {
    Map<HostName, Boolean> covered = new HashMap<>();
    for (int i = 0; i < hosts.size() && !problems.isFull(); i++) {
      if (!covered.computeIfAbsent(hosts.get(i), configuration::covers)) {
        problems.add(
            "/parameters/" + field + "/" + i,
            "names the host "
                + hosts.get(i)
                + ", which is none of "
                + configuration.fullName()
                + " ("
                + String.join(", ", configuration.hostNames())
                + ")");
      }
    }
  }

  private boolean isRegion(String region) {
    if (regions == null) {
      regions = new HashSet<>();
      for (EdgeServer server : registry.servers()) {
        if (server.region() != null && knows(server)) {
          regions.add(server.region());
        }
      }
    }
    return regions.contains(region);
  }

  private boolean knowsParticipant(String name) {
    Participant participant = registry.participant(name);
    if (participant == null) {
      return false;
    }
    return caller.seesAll()
        || caller.isOf(participant.id())
        || registry.serversOf(participant.id()).stream().anyMatch(this::knows);
  }

  /** Own servers, and those on which an own configuration is deployed. */
  private boolean knows(EdgeServer server) {
    return isOwn(server)
        || deployed().participants.contains(registry.participantName(server.participantId()))
        || deployed().servers.contains(server.fullName());
  }

  /** Collected once: a target may name thousands, a participant have thousands of each. */
  private Deployed deployed() {
    if (deployed == null) {
      deployed = new Deployed(new HashSet<>(), new HashSet<>());
      for (Configuration configuration : registry.configurations()) {
        if (mayCommand(configuration)) {
          for (Configuration.Deployment deployment : configuration.deployments()) {
            if (deployment.server().equals("*")) {
              deployed.participants.add(deployment.participant());
            } else {
              deployed.servers.add(deployment.toString());
            }
          }
        }
      }
    }
    return deployed;
  }

  boolean knows(Configuration configuration) {
    return mayCommand(configuration)
        || registry.deployed(configuration).stream().anyMatch(this::isOwn);
  }

  boolean isOwn(EdgeServer server) {
    return caller.seesAll() || caller.isOf(server.participantId());
  }

  boolean mayCommand(Configuration configuration) {
    return caller.role() == Role.CUSTOMER
        ? configuration.customerId() != null
            && configuration.customerId().equals(caller.customerId())
        : caller.seesAll() || caller.isOf(configuration.participantId());
  }
}
