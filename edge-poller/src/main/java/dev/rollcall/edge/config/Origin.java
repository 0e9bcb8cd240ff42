// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where {@code load} fetches one configuration's content from.
 *
 * @param address scheme, host and port
 * @param networks where it may be, although nobody else can reach it there
 */
public record Origin(URI address, List<Network> networks) {
  public Origin {
    networks = List.copyOf(networks);
  }

  /** Whether the operator named this address, or a network it is in. */
  public boolean names(InetAddress at) {
    String host = host(address);
    Optional<InetAddress> written = Network.address(host);
    return (written.isPresent() && written.get().equals(at))
        || (host.toLowerCase(Locale.ROOT).equals("localhost") && at.isLoopbackAddress())
        || networks.stream().anyMatch(network -> network.contains(at));
  }

  static String host(URI address) {
    return address.getHost().replaceAll("[\\[\\]]", "");
  }
}
