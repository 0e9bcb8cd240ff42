// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.selector.HostRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants the registry to be. What it names it replaces whole; what it does not name
 * stays, unless pruned.
 *
 * @param participants each name once
 */
public record Manifest(List<Entry> participants) {
  public Manifest {
    participants = List.copyOf(participants);
  }

  /**
   * One participant with all that belongs to it.
   *
   * @param pointer where it stands in the document; null, here and below: nowhere, for it is there
   *     already
   */
  public record Entry(
      @Nullable String pointer,
      String name,
      @Nullable String cdnId,
      Participant.Delivery delivery,
      String scope,
      Participant.@Nullable Peer peer,
      List<String> customers,
      List<ServerEntry> servers,
      List<ConfigurationEntry> configurations,
      List<ExposureEntry> exposures) {
    public Entry {
      customers = List.copyOf(customers);
      servers = List.copyOf(servers);
      configurations = List.copyOf(configurations);
      exposures = List.copyOf(exposures);
    }
  }

  /** A server of the participant it stands below. */
  public record ServerEntry(
      @Nullable String pointer,
      String name,
      @Nullable String region,
      Map<String, String> labels,
      List<String> addresses) {
    public ServerEntry {
      labels = Map.copyOf(labels);
      addresses = List.copyOf(addresses);
    }
  }

  /** A configuration of the participant it stands below. */
  public record ConfigurationEntry(
      @Nullable String pointer,
      String name,
      @Nullable String customer,
      List<HostRule> hosts,
      List<Configuration.Deployment> deployments) {
    public ConfigurationEntry {
      hosts = List.copyOf(hosts);
      deployments = List.copyOf(deployments);
    }
  }

  /** An exposure by the participant it stands below. */
  public record ExposureEntry(@Nullable String pointer, Participant.Exposure exposure) {}
}
