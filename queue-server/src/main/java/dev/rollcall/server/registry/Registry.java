// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.HostRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The whole registry at one version. Immutable. */
public final class Registry {
  private final long version;
  private final Map<Short, String> allParticipantNames;
  private final Map<String, Participant> participants = new LinkedHashMap<>();
  private final Map<String, Customer> customers = new LinkedHashMap<>();
  private final Map<String, EdgeServer> servers = new LinkedHashMap<>();
  private final Map<String, Configuration> configurations = new LinkedHashMap<>();
  private final Map<Short, Participant> participantsById = new HashMap<>();
  private final Map<Integer, EdgeServer> serversById = new HashMap<>();
  private final Map<Integer, Customer> customersById = new HashMap<>();
  private final Map<Short, List<EdgeServer>> serversByParticipant = new HashMap<>();
  private final Map<String, List<EdgeServer>> serversByAddress = new HashMap<>();
  private final Map<Short, List<Customer>> customersByParticipant = new HashMap<>();
  private final Map<Short, List<Configuration>> configurationsByParticipant = new HashMap<>();
  private final Map<HostRule, Configuration> configurationsByHost = new HashMap<>();

  /**
   * @param allParticipantNames also of those that left: their commands are still shown
   */
  Registry(
      long version,
      Map<Short, String> allParticipantNames,
      Collection<Participant> participants,
      Collection<Customer> customers,
      Collection<EdgeServer> servers,
      Collection<Configuration> configurations) {
    this.version = version;
    this.allParticipantNames = Map.copyOf(allParticipantNames);
    for (Participant participant : participants) {
      this.participants.put(participant.name(), participant);
      participantsById.put(participant.id(), participant);
    }
    for (Customer customer : customers) {
      this.customers.put(customer.fullName(), customer);
      customersById.put(customer.id(), customer);
      customersByParticipant
          .computeIfAbsent(customer.participantId(), id -> new ArrayList<>())
          .add(customer);
    }
    for (EdgeServer server : servers) {
      this.servers.put(server.fullName(), server);
      serversById.put(server.id(), server);
      serversByParticipant
          .computeIfAbsent(server.participantId(), id -> new ArrayList<>())
          .add(server);
      for (String address : server.addresses()) {
        serversByAddress.computeIfAbsent(address, one -> new ArrayList<>(1)).add(server);
      }
    }
    for (Configuration configuration : configurations) {
      this.configurations.put(configuration.fullName(), configuration);
      configurationsByParticipant
          .computeIfAbsent(configuration.participantId(), id -> new ArrayList<>())
          .add(configuration);
      configuration.hosts().forEach(host -> configurationsByHost.put(host, configuration));
    }
  }

  public long version() {
    return version;
  }

  public Collection<Participant> participants() {
    return Collections.unmodifiableCollection(participants.values());
  }

  public @Nullable Participant participant(String name) {
    return participants.get(name);
  }

  public @Nullable Participant participant(short id) {
    return participantsById.get(id);
  }

  /** Also of one that left; a number nobody knows is shown as such. */
  public String participantName(int id) {
    return allParticipantNames.getOrDefault((short) id, String.valueOf(id));
  }

  public Collection<EdgeServer> servers() {
    return Collections.unmodifiableCollection(servers.values());
  }

  public @Nullable EdgeServer server(String fullName) {
    return servers.get(fullName);
  }

  /**
   * @param address in canonical form
   */
  public List<EdgeServer> serversAt(String address) {
    return Collections.unmodifiableList(serversByAddress.getOrDefault(address, List.of()));
  }

  /** Null for one that was removed. */
  public @Nullable EdgeServer server(int id) {
    return serversById.get(id);
  }

  public List<EdgeServer> serversOf(short participantId) {
    return Collections.unmodifiableList(
        serversByParticipant.getOrDefault(participantId, List.of()));
  }

  List<Customer> customersOf(short participantId) {
    return Collections.unmodifiableList(
        customersByParticipant.getOrDefault(participantId, List.of()));
  }

  List<Configuration> configurationsOf(short participantId) {
    return Collections.unmodifiableList(
        configurationsByParticipant.getOrDefault(participantId, List.of()));
  }

  public Collection<Customer> customers() {
    return Collections.unmodifiableCollection(customers.values());
  }

  public @Nullable Customer customer(String fullName) {
    return customers.get(fullName);
  }

  public @Nullable Customer customer(int id) {
    return customersById.get(id);
  }

  public Collection<Configuration> configurations() {
    return Collections.unmodifiableCollection(configurations.values());
  }

  public @Nullable Configuration configuration(String fullName) {
    return configurations.get(fullName);
  }

  /** The one configuration a host belongs to, if any. */
  public @Nullable Configuration configurationOf(HostName host) {
    var exact = new HostRule(host.name(), false);
    Configuration owner = configurationsByHost.get(exact);
    return owner != null
        ? owner
        : exact.above().stream()
            .map(configurationsByHost::get)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
  }

  /** The servers on which a configuration runs now, each once. */
  public List<EdgeServer> deployed(Configuration configuration) {
    Map<Integer, EdgeServer> found = new LinkedHashMap<>();
    for (Configuration.Deployment deployment : configuration.deployments()) {
      Participant participant = participants.get(deployment.participant());
      if (participant == null) {
        continue;
      }
      if (deployment.server().equals("*")) {
        serversOf(participant.id()).forEach(server -> found.put(server.id(), server));
      } else {
        EdgeServer server = servers.get(deployment.toString());
        if (server != null) {
          found.put(server.id(), server);
        }
      }
    }
    return List.copyOf(found.values());
  }
}
