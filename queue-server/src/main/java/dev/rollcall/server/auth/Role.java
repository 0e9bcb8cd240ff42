// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a token's holder is. */
public enum Role {
  /** All but the edge and peer interfaces. */
  OPERATOR,
  /** One participant's servers, configurations and customers, and commands for them. */
  PARTICIPANT,
  /** One customer's configurations. */
  CUSTOMER,
  /** One server's edge protocol. */
  SERVER,
  /** The peer interface of one other participant. */
  PEER,
  /** Reads. */
  REPORTER;

  /** The word on the wire and in the database. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Role::word).toList();
  }
}
