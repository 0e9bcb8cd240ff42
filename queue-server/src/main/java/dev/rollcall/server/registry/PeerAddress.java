// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules for a peer's address and for the reference to its credential. */
final class PeerAddress {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Pattern TOKEN_REFERENCE =
      Pattern.compile("env:ROLLCALL_PEER_[A-Z0-9_]{1,60}|file:[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");

  private PeerAddress() {}

  /** A variable of the peers' own, or a file below the secrets directory; nothing else. */
  static boolean isTokenReference(String text) {
    return TOKEN_REFERENCE.matcher(text).matches();
  }

  /** Null when a URL is one that a credential may be sent to. */
  static @Nullable String whatIsWrong(String url) {
    try {
      URI uri = new URI(url);
      String scheme = uri.getScheme();
      if (uri.getHost() == null || uri.getUserInfo() != null || uri.getFragment() != null) {
        return "must be a plain URL with a host, without user information or fragment";
      }
      if ("https".equals(scheme) || ("http".equals(scheme) && LOOPBACK.contains(uri.getHost()))) {
        return null;
      }
      return "must be https (http only to loopback)";
    } catch (URISyntaxException e) {
      return "is no URL";
    }
  }
}
