// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.HostRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a customer has deployed.
 *
 * @param participantId its native participant
 * @param fullName {@code participant/configuration}
 * @param customerId null: the participant's own
 * @param hosts each belongs to this configuration only
 * @param deployments where it runs
 */
public record Configuration(
    int id,
    short participantId,
    String fullName,
    String name,
    @Nullable Integer customerId,
    @Nullable String customer,
    List<HostRule> hosts,
    List<Deployment> deployments) {
  public Configuration {
    hosts = List.copyOf(hosts);
    deployments = List.copyOf(deployments);
  }

  /**
   * @param server a server's name, or {@code *}: all of the participant, as they are at the time
   */
  public record Deployment(String participant, String server) {
    @Override
    public String toString() {
      return participant + "/" + server;
    }
  }

  public boolean covers(HostName host) {
    return hosts.stream().anyMatch(rule -> rule.covers(host));
  }

  public List<String> hostNames() {
    return hosts.stream().map(HostRule::toString).toList();
  }
}
