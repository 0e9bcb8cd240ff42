// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.Configuration;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.web.ApiException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
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
  private final TargetNames names;

  private Targeting(
      Registry registry, Caller caller, CommandRequest request, Quotas quotas, boolean consume) {
    this.registry = registry;
    this.consume = consume;
    this.caller = caller;
    this.request = request;
    this.quotas = quotas;
    this.names = new TargetNames(registry, caller, problems);
  }

  /**
   * @param consume whether it counts against quotas
   * @throws ApiException 400 for names that are unknown to the caller and for selectors that do not
   *     fit, 403 for what is known and not the caller's
   */
  static Resolved resolve(
      Registry registry, Caller caller, CommandRequest request, Quotas quotas, boolean consume) {
    var targeting = new Targeting(registry, caller, request, quotas, consume);
    return switch (request.target()) {
      case Target.OfConfiguration target -> targeting.ofConfiguration(target);
      case Target.OfServers target -> targeting.ofServers(target);
      case Target.OfSelector target -> targeting.ofSelector(target);
    };
  }

  private void checkNames() {
    names.check(request.target(), request.parameters().selectors());
    problems.throwIfAny();
  }

  private Resolved ofConfiguration(Target.OfConfiguration target) {
    String fullName = target.configuration().text();
    Configuration configuration = registry.configuration(fullName);
    if (configuration != null && names.knows(configuration) && !names.mayCommand(configuration)) {
      throw ApiException.forbidden("The configuration " + fullName + " is not yours.");
    }
    checkNames();
    Configuration within = Objects.requireNonNull(configuration);
    Set<String> participants = texts(target.participants());
    Set<String> regions = texts(target.regions());
    List<EdgeServer> servers =
        registry.deployed(within).stream()
            .filter(server -> among(participants, owner(server)))
            .filter(server -> among(regions, server.region()))
            .toList();
    return resolved(origin(within), within, servers);
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
    checkNames();
    Map<EdgeServer, Target.Name> servers = new LinkedHashMap<>();
    for (Target.Name name : target.servers()) {
      servers.putIfAbsent(Objects.requireNonNull(names.server(name)), name);
    }
    Selectors selectors = request.parameters().selectors();
    if (selectors == null) {
      refuseForeign(servers.keySet());
      return resolved(origin(servers.keySet()), null, List.copyOf(servers.keySet()));
    }
    Configuration configuration = configurationOf(selectors);
    Set<EdgeServer> deployed = new HashSet<>(registry.deployed(configuration));
    servers.forEach((server, name) -> {
      if (!deployed.contains(server)) {
        problems.add(
            name.pointer(),
            "is "
                + server.fullName()
                + ", on which "
                + configuration.fullName()
                + " is not deployed");
      }
    });
    problems.throwIfAny();
    if (!names.mayCommand(configuration)) {
      refuseForeign(servers.keySet());
    }
    return resolved(origin(configuration), configuration, List.copyOf(servers.keySet()));
  }

  private Resolved ofSelector(Target.OfSelector target) {
    refuseCustomers();
    checkNames();
    Selectors selectors = request.parameters().selectors();
    Configuration configuration = selectors == null ? null : configurationOf(selectors);
    boolean anywhere = configuration != null && names.mayCommand(configuration);
    Collection<EdgeServer> among =
        configuration == null ? registry.servers() : registry.deployed(configuration);
    Set<String> participants = texts(target.participants());
    Set<String> regions = texts(target.regions());
    List<EdgeServer> servers =
        among.stream()
            .filter(server -> anywhere || names.isOwn(server))
            .filter(server -> among(participants, owner(server)))
            .filter(server -> among(regions, server.region()))
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
      throw ApiException.invalid(
          "/parameters",
          "holds selectors without a host (patterns, regexes, tags or everything); with this target"
              + " only urls and prefixes are allowed");
    }
    Configuration found = null;
    for (HostName host : selectors.hosts()) {
      if (problems.isFull()) {
        break;
      }
      if (found != null && found.covers(host)) {
        continue; // a host belongs to one configuration
      }
      Configuration owner = registry.configurationOf(host);
      if (owner == null || !names.knows(owner)) {
        problems.add(
            "/parameters", "names the host " + host + ", which belongs to no configuration");
      } else if (found != null) {
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

  private static @Nullable Set<String> texts(@Nullable List<Target.Name> names) {
    return names == null ? null : names.stream().map(Target.Name::text).collect(Collectors.toSet());
  }

  private static boolean among(@Nullable Set<String> wanted, @Nullable String value) {
    return wanted == null || (value != null && wanted.contains(value));
  }

  private String owner(EdgeServer server) {
    return registry.participantName(server.participantId());
  }

  private void refuseForeign(Collection<EdgeServer> servers) {
    for (EdgeServer server : servers) {
      if (!names.isOwn(server)) {
        throw ApiException.forbidden("The server " + server.fullName() + " is not yours.");
      }
    }
  }

  /** Without a configuration: the caller, or the one participant whose servers these all are. */
  private short origin(Collection<EdgeServer> servers) {
    if (caller.participantId() != null) {
      return caller.participantId();
    }
    Set<Short> owners = new HashSet<>();
    servers.forEach(server -> owners.add(server.participantId()));
    return owners.size() == 1 ? owners.iterator().next() : 0;
  }

  private Resolved resolved(
      short originId, @Nullable Configuration configuration, List<EdgeServer> servers) {
    var wish =
        new Permissions.Wish(
            originId,
            request.operation(),
            configuration == null
                ? List.of()
                : Permissions.hosts(request.parameters().selectors(), configuration.hosts()));
    var admission = new Admission(registry, wish, quotas, consume);
    Map<Integer, String> refused = admission.refused(servers);
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
        refused,
        admission.taken());
  }
}
