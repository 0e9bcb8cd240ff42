// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** What may be given as {@link ServerConfig#DATABASE_URL}. */
final class DatabaseUrl {
  private static final String PREFIX = "jdbc:postgresql:";

  private DatabaseUrl() {}

  /**
   * What is wrong with it, or null. Never holds the URL or a part of it: whoever writes one in the
   * style of other programs puts a password into it, which the driver would take for a host's name
   * and show.
   *
   * @param asFlag whether every user of the machine can read it
   */
  static @Nullable String problem(String url, boolean asFlag) {
    String place = url.contains("?") ? url.substring(0, url.indexOf('?')) : url;
    if (place.contains("@")) {
      return "holds user info (USER:PASSWORD@), which is not allowed in it: name the user as"
          + " ?user=USER, and the password in "
          + ServerConfig.DATABASE_PASSWORD.shown();
    }
    if (!url.startsWith(PREFIX)) {
      return "must begin with " + PREFIX;
    }
    if (asFlag && url.matches(".*[?&](ssl)?password=.*")) {
      return "holds a password, which every user of this machine can read in the process list; use "
          + ServerConfig.DATABASE_PASSWORD.shown();
    }
    if (Driver.parseURL(url, null) == null) {
      return "cannot be read; allowed: jdbc:postgresql://HOST:PORT/DATABASE, with ?NAME=VALUE&…"
          + " after it";
    }
    return null;
  }
}
