// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.Selectors;
import java.util.List;

/**
 * One operation, as a cache is to carry it out. Every host its selectors name is one of the hosts.
 *
 * @param operation what to do
 * @param configuration within which configuration, {@code participant/configuration}
 * @param hosts what the configuration serves; nothing else may be touched
 * @param selectors on what, in normal form
 * @param mayWiden whether it may be carried out wider where it cannot be exactly
 */
public record CacheTask(
    Operation operation,
    String configuration,
    List<HostRule> hosts,
    Selectors selectors,
    boolean mayWiden) {
  public CacheTask {
    hosts = List.copyOf(hosts);
  }

  public boolean covers(HostName host) {
    return hosts.stream().anyMatch(rule -> rule.covers(host));
  }
}
