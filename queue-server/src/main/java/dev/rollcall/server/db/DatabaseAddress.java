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
  /** Without what follows the question mark: a URL may hold a password there. */
  @Override
  public String toString() {
    int question = url.indexOf('?');
    return question < 0 ? url : url.substring(0, question);
  }
}
