// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** IP addresses as text: each has one canonical form, and nothing is ever looked up. */
public final class IpAddress {
  private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern SIX = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
  private static final int LONGEST = 45;
  private static final int GROUPS = 8;

  private IpAddress() {}

  /**
   * IPv4 in four decimal numbers, IPv6 by RFC 5952; an IPv4 address mapped into IPv6 is that IPv4
   * address. Null for what is no address.
   */
  public static @Nullable String canonical(String text) {
    if (text.length() > LONGEST) {
      return null;
    }
    if (SIX.matcher(text).matches()) {
      return six(text);
    }
    String[] octets = text.split("\\.", -1);
    for (String octet : octets) {
      if (!OCTET.matcher(octet).matches() || Integer.parseInt(octet) > 255) {
        return null;
      }
    }
    return octets.length == 4 ? text : null;
  }

  private static @Nullable String six(String text) {
    try {
      InetAddress address = Inet6Address.ofLiteral(text);
      return address instanceof Inet6Address ? six(address.getAddress()) : address.getHostAddress();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The longest run of zero groups, if longer than one, is left out; of several the first. */
  private static String six(byte[] bytes) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int runAt = -1;
    int run = 1;
    for (int at = 0; at < GROUPS; at++) {
      int end = at;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - at > run) {
        runAt = at;
        run = end - at;
      }
    }
    var out = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == runAt) {
        out.append("::");
        i += run - 1;
      } else {
        out.append(out.isEmpty() || out.charAt(out.length() - 1) == ':' ? "" : ":");
        out.append(Integer.toHexString(groups[i]));
      }
    }
    return out.toString();
  }
}
