// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.net.InetAddress;
import java.util.Optional;

/**
 * The addresses that begin with the same bits.
 *
 * @param first the one whose other bits are 0
 * @param length how many bits
 */
public record Network(InetAddress first, int length) {
  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a single address.
   *
   * @return empty for another form, and when the address has bits beyond the length
   */
  public static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> first = address(slash < 0 ? text : text.substring(0, slash));
    if (first.isEmpty() || (slash >= 0 && !text.substring(slash + 1).matches("[0-9]{1,3}"))) {
      return Optional.empty();
    }
    int bits = first.get().getAddress().length * 8;
    int length = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
    if (length > bits || !noneBeyond(first.get().getAddress(), length)) {
      return Optional.empty();
    }
    return Optional.of(new Network(first.get(), length));
  }

  /** An address as it is written, without asking a name server; empty for a name. */
  public static Optional<InetAddress> address(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean noneBeyond(byte[] address, int length) {
    for (int i = length; i < address.length * 8; i++) {
      if ((address[i / 8] >> (7 - i % 8) & 1) != 0) {
        return false;
      }
    }
    return true;
  }

  public boolean contains(InetAddress address) {
    byte[] ours = first.getAddress();
    byte[] theirs = address.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (((ours[i / 8] ^ theirs[i / 8]) >> (7 - i % 8) & 1) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return first.getHostAddress() + "/" + length;
  }
}
