// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Where a host is, and where it may be.
 *
 * @param lookup asked once for each connection
 * @param admitted asked for each address before it is connected to
 */
public record Addresses(Lookup lookup, Predicate<InetAddress> admitted) {
  /** A name service; also answers for what is an address already. */
  @FunctionalInterface
  public interface Lookup {
    List<InetAddress> of(String host) throws UnknownHostException;
  }

  /** The machine's own. */
  public static final Lookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

  /** For a server whose address only the operator decides. */
  public static final Addresses ANY = new Addresses(SYSTEM, _ -> true);
}
