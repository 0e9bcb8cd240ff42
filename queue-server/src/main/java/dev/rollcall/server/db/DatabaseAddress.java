// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import org.jspecify.annotations.Nullable;

/**
 * Where a database is and as whom to connect.
 *
 * @param url {@code jdbc:postgresql:…}
 * @param user null: as the URL or the driver says
 * @param password null: as the URL or the driver's password file says; never shown
 */
public record DatabaseAddress(String url, @Nullable String user, @Nullable String password) {
  /** Without what may hold a password: what follows the question mark, and user info. */
  @Override
  public String toString() {
    int question = url.indexOf('?');
    String shown = question < 0 ? url : url.substring(0, question);
    int at = shown.lastIndexOf('@');
    return at < 0 ? shown : "jdbc:postgresql://" + shown.substring(at + 1);
  }

  /** A message of the driver, which may hold the whole URL, as it may be shown. */
  String redacted(String message) {
    return message.replace(url, toString());
  }
}
