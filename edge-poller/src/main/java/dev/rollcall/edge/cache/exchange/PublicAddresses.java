// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import dev.rollcall.edge.config.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The addresses that are the same machine for everybody: those that the IANA special-purpose
 * registries (RFC 6890) do not keep for something else. An IPv6 address that carries an IPv4
 * address is as public as that.
 */
public final class PublicAddresses {
  private static final List<Network> SPECIAL =
      networks(
          "0.0.0.0/8", // this network; Linux connects to itself
          "10.0.0.0/8",
          "100.64.0.0/10", // carrier-grade NAT
          "127.0.0.0/8",
          "169.254.0.0/16", // link-local; clouds keep machines' credentials there
          "172.16.0.0/12",
          "192.0.0.0/24", // IETF protocol assignments
          "192.0.2.0/24", // documentation
          "192.88.99.0/24", // 6to4 relays
          "192.168.0.0/16",
          "198.18.0.0/15", // benchmarks
          "198.51.100.0/24", // documentation
          "203.0.113.0/24", // documentation
          "224.0.0.0/3", // multicast, reserved, broadcast
          "2001::/23", // IETF protocol assignments, with Teredo
          "2001:db8::/32", // documentation
          "3fff::/20"); // documentation

  /** All that is given out; loopback, link-local, unique-local and mapped ones are not in it. */
  private static final Network GLOBAL_UNICAST = network("2000::/3");

  private static final Network NAT64 = network("64:ff9b::/96");
  private static final Network SIX_TO_FOUR = network("2002::/16");

  private PublicAddresses() {}

  public static boolean contain(InetAddress address) {
    if (NAT64.contains(address)) {
      return contain(carried(address, 12));
    }
    if (SIX_TO_FOUR.contains(address)) {
      return contain(carried(address, 2));
    }
    boolean given = address.getAddress().length == 4 || GLOBAL_UNICAST.contains(address);
    return given && SPECIAL.stream().noneMatch(network -> network.contains(address));
  }

  private static InetAddress carried(InetAddress address, int from) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(address.getAddress(), from, from + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static List<Network> networks(String... texts) {
    return Stream.of(texts).map(PublicAddresses::network).toList();
  }

  private static Network network(String text) {
    return Network.parse(text).orElseThrow();
  }
}
