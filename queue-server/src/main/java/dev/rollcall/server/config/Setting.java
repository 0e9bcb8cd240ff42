// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One setting of {@code queue-server serve}.
 *
 * @param name as in the flag, without the dashes
 * @param fallback the default as text; null: none
 * @param kind how it may be given
 * @param meaning one sentence for the help and the README
 */
public record Setting(String name, @Nullable String fallback, Kind kind, String meaning) {
  /** How a setting may be given. */
  public enum Kind {
    /** A flag with a value, or the environment. */
    VALUE,
    /** A flag without a value, or {@code true} / {@code false} in the environment. */
    SWITCH,
    /** Only the environment, or a file named by the environment variable with {@code _FILE}. */
    SECRET
  }

  public String flag() {
    return "--" + name;
  }

  public String variable() {
    return "ROLLCALL_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** How an error names it: both ways in which it could have been given. */
  public String shown() {
    return kind == Kind.SECRET
        ? variable() + " (or " + variable() + "_FILE)"
        : flag() + " / " + variable();
  }
}
