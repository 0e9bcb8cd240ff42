// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

/** How an execution ended. The names are those of the database type and of the wire. */
public enum EndState {
  SUCCEEDED,
  FAILED,
  REJECTED,
  EXPIRED,
  CANCELLED;

  private final String sql = name().toLowerCase(java.util.Locale.ROOT);

  /** The word in the database and on the wire. */
  public String sql() {
    return sql;
  }

  static EndState of(String sql) {
    return valueOf(sql.toUpperCase(java.util.Locale.ROOT));
  }
}
