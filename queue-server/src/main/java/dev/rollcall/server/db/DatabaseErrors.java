// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import java.sql.SQLTransientConnectionException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Tells kinds of database failures apart, by SQLSTATE and never by text. */
public final class DatabaseErrors {
  private DatabaseErrors() {}

  /** A lock was not to be had in time, or a deadlock was broken: the same may succeed alone. */
  public static boolean isContention(Throwable thrown) {
    String code = Transactions.SqlState.of(thrown).code();
    return code.equals("55P03") || code.equals("40P01") || code.equals("40001");
  }

  /**
   * The database cannot be reached, or ends its sessions. A violation of the protocol (08P01) is
   * none of that but a defect.
   */
  static boolean isAway(Throwable thrown) {
    String code = Transactions.SqlState.of(thrown).code();
    return code.startsWith("57P") || (code.startsWith("08") && !code.equals("08P01"));
  }

  /**
   * The database cannot be reached, is shutting down or out of room, gave up on a statement, or has
   * no place yet for what was to be stored.
   */
  public static boolean isUnavailable(Throwable thrown) {
    String code = Transactions.SqlState.of(thrown).code();
    return code.startsWith("08")
        || code.startsWith("53")
        || code.startsWith("57")
        || code.startsWith("58")
        || isContention(thrown)
        || isNoPartition(thrown)
        || hasNoConnection(thrown);
  }

  /** No connection was free in time; the pool says so without a code of the database. */
  static boolean hasNoConnection(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof SQLTransientConnectionException || t instanceof DatabaseAwayException) {
        return true;
      }
    }
    return false;
  }

  /**
   * There is no partition for a row. It has the code of a check that failed, but no constraint did.
   */
  public static boolean isNoPartition(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof PSQLException e && "23514".equals(e.getSQLState())) {
        ServerErrorMessage message = e.getServerErrorMessage();
        return message != null && message.getConstraint() == null;
      }
    }
    return false;
  }

  /** A value that was handed in is not of the type it should be of. */
  public static boolean isBadValue(Throwable thrown) {
    return Transactions.SqlState.of(thrown).code().startsWith("22");
  }
}
