// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

/** Tells kinds of database failures apart, by SQLSTATE and never by text. */
public final class DatabaseErrors {
  private DatabaseErrors() {}

  /** A lock was not to be had in time, or a deadlock was broken: the same may succeed alone. */
  public static boolean isContention(Throwable thrown) {
    String code = Transactions.SqlState.of(thrown).code();
    return code.equals("55P03") || code.equals("40P01") || code.equals("40001");
  }

  /** The database cannot be reached, is shutting down or out of room, or gave up on a statement. */
  public static boolean isUnavailable(Throwable thrown) {
    String code = Transactions.SqlState.of(thrown).code();
    return code.startsWith("08")
        || code.startsWith("53")
        || code.startsWith("57")
        || code.startsWith("58")
        || isContention(thrown);
  }

  /** A value that was handed in is not of the type it should be of. */
  public static boolean isBadValue(Throwable thrown) {
    return Transactions.SqlState.of(thrown).code().startsWith("22");
  }
}
