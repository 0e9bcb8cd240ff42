// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.Configuration;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.web.ApiException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a command's target from the deployment records, within what the caller may command.
 * Confined to one request.
 */
final class Targeting {
  private final Registry registry;
  private final Caller caller;
  private final CommandRequest request;
  private final Quotas quotas;
  private final boolean consume;
  private final Problems problems = new Problems();

  private Targeting(
      Registry registry, Caller caller, CommandRequest request, Quotas quotas, boolean consume) {
    this.registry = registry;
    this.consume = consume;
    this.caller = caller;
    this.request = request;
    this.quotas = quotas;
  }

  /**
   * @param consume whether it counts against quotas
   * @throws ApiException 400 for names that are unknown to the caller and for selectors that do not
   *     fit, 403 for what is known and not the caller's
   */
  static Resolved resolve(
      Registry registry, Caller caller, CommandRequest request, Quotas quotas, boolean consume) {
    var targeting = new Targeting(registry, caller, request, quotas, consume);
    Resolved resolved =
        switch (request.target()) {
          case Target.OfConfiguration target -> targeting.ofConfiguration(target);
          case Target.OfServers target -> targeting.ofServers(target);
          case Target.OfSelector target -> targeting.ofSelector(target);
        };
    targeting.problems.throwIfAny();
    return resolved;
  }

  private Resolved ofConfiguration(Target.OfConfiguration target) {
    Configuration configuration = registry.configuration(target.configuration());
    boolean known = configuration != null && knows(configuration);
    if (!known) {
      problems.add(
          "/target/configuration",
          "is " + Problems.shown(target.configuration()) + ", which is no configuration");
      problems.throwIfAny();
    }
    if (configuration == null || !mayCommand(configuration)) {
      throw ApiException.forbidden(
          "The configuration " + target.configuration() + " is not yours.");
    }
    Selectors selectors = request.parameters().selectors();
    if (selectors != null) {
      checkHosts(configuration, selectors);
    }
    List<EdgeServer> deployed = registry.deployed(configuration);
    Set<String> participants = new HashSet<>();
    deployed.forEach(server -> participants.add(registry.participantName(server.participantId())));
    checkNames(
        target.participants(), "/target/participants", this::knowsParticipant, "participant");
    checkNames(target.regions(), "/target/regions", this::isRegion, "region");
    List<EdgeServer> servers =
        deployed.stream()
            .filter(server -> among(target.participants(), owner(server)))
            .filter(server -> among(target.regions(), server.region()))
            .toList();
    return resolved(origin(configuration), configuration, servers);
  }

  private short origin(Configuration configuration) {
    boolean foreign =
        caller.role() == Role.PARTICIPANT && !caller.isOf(configuration.participantId());
    return foreign && caller.participantId() != null
        ? caller.participantId()
        : configuration.participantId();
  }

  private Resolved ofServers(Target.OfServers target) {
    refuseCustomers();
    List<EdgeServer> servers = new ArrayList<>();
    for (int i = 0; i < target.servers().size(); i++) {
      EdgeServer server = registry.server(target.servers().get(i));
      if (server == null || !knows(server)) {
        problems.add(
            "/target/servers/" + i,
            "is " + Problems.shown(target.servers().get(i)) + ", which is no server");
      } else {
        servers.add(server);
      }
    }
    problems.throwIfAny();
    Selectors selectors = request.parameters().selectors();
    if (selectors == null) {
      refuseForeign(servers);
      return resolved(origin(servers), null, servers);
    }
    Configuration configuration = configurationOf(selectors);
    Set<Integer> deployed = new HashSet<>();
    registry.deployed(configuration).forEach(server -> deployed.add(server.id()));
    for (int i = 0; i < servers.size(); i++) {
      if (!deployed.contains(servers.get(i).id())) {
        problems.add(
            "/target/servers/" + i,
            "is "
                + servers.get(i).fullName()
                + ", on which "
                + configuration.fullName()
                + " is not deployed");
      }
    }
    if (!mayCommand(configuration)) {
      refuseForeign(servers);
    }
    return resolved(origin(configuration), configuration, servers);
  }

  private Resolved ofSelector(Target.OfSelector target) {
    refuseCustomers();
    checkNames(
        target.participants(),
        "/target/selector/participants",
        this::knowsParticipant,
        "participant");
    checkNames(target.regions(), "/target/selector/regions", this::isRegion, "region");
    problems.throwIfAny();
    Selectors selectors = request.parameters().selectors();
    Configuration configuration = selectors == null ? null : configurationOf(selectors);
    boolean anywhere = configuration != null && mayCommand(configuration);
    List<EdgeServer> among =
        configuration == null ? List.copyOf(registry.servers()) : registry.deployed(configuration);
    List<EdgeServer> servers =
        among.stream()
            .filter(server -> anywhere || isOwn(server))
            .filter(server -> among(target.participants(), owner(server)))
            .filter(server -> among(target.regions(), server.region()))
            .filter(server -> server.labels().entrySet().containsAll(target.labels().entrySet()))
            .toList();
    short origin = configuration == null ? origin(servers) : origin(configuration);
    return resolved(origin, configuration, servers);
  }

  private void refuseCustomers() {
    if (caller.role() == Role.CUSTOMER) {
      throw ApiException.forbidden("A customer's commands are aimed at its configurations.");
    }
  }

  /** The one configuration to which all hosts of the selectors belong. */
  private Configuration configurationOf(Selectors selectors) {
    if (selectors.spansAllHosts()) {
      problems.add(
          "/parameters",
          "holds selectors without a host (patterns, regexes, tags or everything); with this target"
              + " only urls and prefixes are allowed");
      problems.throwIfAny();
    }
    Configuration found = null;
    for (HostName host : selectors.hosts()) {
      Configuration owner = registry.configurationOf(host);
      if (owner == null || !knows(owner)) {
        problems.add(
            "/parameters", "names the host " + host + ", which belongs to no configuration");
      } else if (found != null && !found.equals(owner)) {
        problems.add(
            "/parameters",
            "names hosts of "
                + found.fullName()
                + " and of "
                + owner.fullName()
                + "; one configuration is allowed");
      } else {
        found = owner;
      }
    }
    problems.throwIfAny();
    if (found == null) {
      throw ApiException.invalid("/parameters", "names no host");
    }
    return found;
  }

  private void checkHosts(Configuration configuration, Selectors selectors) {
    checkHosts(configuration, "urls", selectors.urls().stream().map(url -> url.host()).toList());
    checkHosts(
        configuration, "prefixes", selectors.prefixes().stream().map(url -> url.host()).toList());
  }

  private void checkHosts(Configuration configuration, String field, List<HostName> hosts) {
    for (int i = 0; i < hosts.size(); i++) {
      if (!configuration.covers(hosts.get(i))) {
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

  private interface Known {
    boolean is(String name);
  }

  private void checkNames(@Nullable List<String> names, String pointer, Known known, String kind) {
    for (int i = 0; names != null && i < names.size(); i++) {
      if (!known.is(names.get(i))) {
        problems.add(
            pointer + "/" + i, "is " + Problems.shown(names.get(i)) + ", which is no " + kind);
      }
    }
  }

  private static boolean among(@Nullable List<String> wanted, @Nullable String value) {
    return wanted == null || (value != null && wanted.contains(value));
  }

  private String owner(EdgeServer server) {
    return registry.participantName(server.participantId());
  }

  private boolean isRegion(String region) {
    return registry.servers().stream()
        .anyMatch(server -> region.equals(server.region()) && knows(server));
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
    if (isOwn(server)) {
      return true;
    }
    return registry.configurations().stream()
        .filter(this::mayCommand)
        .anyMatch(configuration -> registry.deployed(configuration).contains(server));
  }

  private boolean isOwn(EdgeServer server) {
    return caller.seesAll() || caller.isOf(server.participantId());
  }

  private boolean knows(Configuration configuration) {
    return mayCommand(configuration)
        || registry.deployed(configuration).stream().anyMatch(this::isOwn);
  }

  private boolean mayCommand(Configuration configuration) {
    return caller.role() == Role.CUSTOMER
        ? configuration.customerId() != null
            && configuration.customerId().equals(caller.customerId())
        : caller.seesAll() || caller.isOf(configuration.participantId());
  }

  private void refuseForeign(List<EdgeServer> servers) {
    for (EdgeServer server : servers) {
      if (!isOwn(server)) {
        throw ApiException.forbidden("The server " + server.fullName() + " is not yours.");
      }
    }
  }

  /** Without a configuration: the caller, or the one participant whose servers these all are. */
  private short origin(List<EdgeServer> servers) {
    if (caller.participantId() != null) {
      return caller.participantId();
    }
    Set<Short> owners = new HashSet<>();
    servers.forEach(server -> owners.add(server.participantId()));
    return owners.size() == 1 ? owners.iterator().next() : 0;
  }

  private Resolved resolved(
      short originId, @Nullable Configuration configuration, List<EdgeServer> servers) {
    problems.throwIfAny();
    var wish =
        new Permissions.Wish(
            originId,
            request.operation(),
            configuration == null
                ? List.of()
                : Permissions.hosts(request.parameters().selectors(), configuration.hosts()));
    Map<Integer, String> refused = new HashMap<>();
    Map<Participant.Exposure, Boolean> withinRate = new HashMap<>();
    for (EdgeServer server : servers) {
      String why = whyRefused(server, wish, withinRate);
      if (why != null) {
        refused.put(server.id(), why);
      }
    }
    return new Resolved(
        registry.version(),
        originId,
        configuration == null
            ? null
            : new Resolved.Within(
                configuration.id(),
                configuration.fullName(),
                configuration.hostNames(),
                configuration.customerId()),
        servers,
        refused);
  }

  private @Nullable String whyRefused(
      EdgeServer server, Permissions.Wish wish, Map<Participant.Exposure, Boolean> withinRate) {
    if (!Permissions.isOwn(registry, server, wish.originId())) {
      Participant.Exposure exposure = Permissions.allowing(registry, server, wish);
      if (exposure == null) {
        return Permissions.EXPOSURE;
      }
      boolean granted =
          withinRate.computeIfAbsent(
              exposure, e -> quotas.take(server.participantId(), wish.originId(), e, consume));
      if (!granted) {
        return Permissions.QUOTA;
      }
    }
    return server.operations() != null && !server.operations().contains(wish.operation())
        ? Permissions.UNSUPPORTED
        : null;
  }
}
