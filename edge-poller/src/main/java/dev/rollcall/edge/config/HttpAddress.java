// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a setting that names an HTTP server. */
final class HttpAddress {
  private HttpAddress() {}

  /**
   * @param withPath whether a path may follow the host; a slash at its end is dropped
   * @return null after a problem was noted
   */
  static @Nullable URI read(Fields fields, String name, String text, boolean withPath) {
    URI uri = parse(text);
    if (uri == null
        || uri.getHost() == null
        || !("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
        || uri.getPort() > 65_535
        || uri.getPort() == 0) {
      return wrong(fields, name, text, "a URL such as http://127.0.0.1:8080 is needed");
    }
    if (uri.getRawUserInfo() != null) {
      return wrong(fields, name, "(not shown)", "a user or password in a URL is not allowed");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      return wrong(fields, name, text, "nothing may follow the path");
    }
    String path = uri.getRawPath().replaceFirst("/+$", "");
    if (!withPath && !path.isEmpty()) {
      return wrong(fields, name, text, "only scheme, host and port are allowed");
    }
    return URI.create(
        uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getRawAuthority() + path);
  }

  private static @Nullable URI parse(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private static @Nullable URI wrong(Fields fields, String name, String text, String needed) {
    fields.problem(name, "is " + Problems.shown(text) + "; " + needed);
    return null;
  }

  /** By what is written, without asking a name server. */
  static boolean isLoopback(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }
}
