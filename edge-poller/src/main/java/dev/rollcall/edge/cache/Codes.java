// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

/** The words in {@code code} that more than one driver uses. Each is explained in the README. */
public final class Codes {
  public static final String DELETED = "deleted";
  public static final String SCHEDULED = "scheduled";
  public static final String BANNED = "banned";
  public static final String INVALIDATED = "invalidated";
  public static final String LOADED = "loaded";
  public static final String WIDENED = "widened";
  public static final String UNSUPPORTED = "unsupported";
  public static final String UNREACHABLE = "unreachable";
  public static final String NOT_ALLOWED = "not-allowed";
  public static final String UNEXPECTED_ANSWER = "unexpected-answer";
  public static final String NOT_STORED = "not-stored";
  public static final String TOO_LARGE = "too-large";
  public static final String TIMEOUT = "timeout";
  public static final String NO_ORIGIN = "no-origin";
  public static final String ORIGIN_ADDRESS = "origin-address";
  public static final String IO_ERROR = "io-error";
  public static final String SYMBOLIC_LINK = "symbolic-link";

  private Codes() {}

  /** For an answer with an HTTP status that is no success. */
  public static String status(int status) {
    return "status-" + status;
  }
}
