// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Writes events: a constant message, and what it is about as {@code name=value} pairs, so that a
 * line can be searched by command id and cannot be forged by a value. Thread-safe.
 */
public final class Log {
  private final Logger logger;

  private Log(Logger logger) {
    this.logger = logger;
  }

  /** The log of one package, named by its last part. */
  public static Log of(String area) {
    return new Log(System.getLogger("rollcall." + area));
  }

  public void debug(String event, @Nullable Object... fields) {
    write(Level.DEBUG, event, null, fields);
  }

  public void info(String event, @Nullable Object... fields) {
    write(Level.INFO, event, null, fields);
  }

  public void warn(String event, @Nullable Object... fields) {
    write(Level.WARNING, event, null, fields);
  }

  public void error(String event, Throwable cause, @Nullable Object... fields) {
    write(Level.ERROR, event, cause, fields);
  }

  private void write(
      Level level, String event, @Nullable Throwable cause, @Nullable Object... fields) {
    if (logger.isLoggable(level)) {
      logger.log(level, line(event, fields), cause);
    }
  }

  /** {@code names and values} alternate; a pair whose value is null is left out. */
  static String line(String event, @Nullable Object... fields) {
    var out = new StringBuilder(event);
    for (int i = 0; i + 1 < fields.length; i += 2) {
      Object value = fields[i + 1];
      if (value != null) {
        out.append(' ').append(fields[i]).append('=').append(shown(value.toString()));
      }
    }
    return out.toString();
  }

  private static String shown(String value) {
    boolean plain =
        !value.isEmpty()
            && value.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '=');
    if (plain) {
      return value;
    }
    var out = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        default -> {
          if (Character.isISOControl(c)) {
            out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
