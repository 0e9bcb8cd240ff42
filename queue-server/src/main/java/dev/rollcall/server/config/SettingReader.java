// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads settings and notes what is wrong with each. Confined to one thread. */
final class SettingReader {
  private final Map<String, String> flags;
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param flags by the setting's name; win over the environment
   * @param environment by the variable's name
   */
  SettingReader(Map<String, String> flags, Map<String, String> environment) {
    this.flags = flags;
    this.environment = environment;
  }

  @Nullable String text(Setting setting) {
    String given = flags.get(setting.name());
    if (given == null) {
      given = environment.get(setting.variable());
    }
    return given == null || given.isEmpty() ? setting.fallback() : given;
  }

  boolean givenAsFlag(Setting setting) {
    return flags.containsKey(setting.name());
  }

  boolean isOn(Setting setting) {
    String value = text(setting);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (!value.equals("true")) {
      wrong(setting, value, "true or false");
    }
    return true;
  }

  /** The value itself never appears in a problem. */
  @Nullable String secret(Setting setting) {
    String value = environment.get(setting.variable());
    String file = environment.get(setting.variable() + "_FILE");
    if (value != null && !value.isEmpty()) {
      if (file != null) {
        problems.add(
            setting.variable()
                + " and "
                + setting.variable()
                + "_FILE are both set; one is allowed");
      }
      return value;
    }
    if (file == null) {
      return null;
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException | InvalidPathException e) {
      problems.add(
          setting.variable() + "_FILE=" + file + ": cannot be read (" + FileReason.of(e) + ")");
      return null;
    }
  }

  int number(Setting setting, int min, int max) {
    String value = String.valueOf(text(setting));
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, in the same words as a number out of range
    }
    wrong(setting, value, "a whole number from " + min + " to " + max);
    return min;
  }

  /** Null when it is not given. */
  @Nullable Integer optionalNumber(Setting setting, int min, int max) {
    return text(setting) == null ? null : Integer.valueOf(number(setting, min, max));
  }

  /** One of some words, in capitals or not. */
  String oneOf(Setting setting, List<String> words) {
    String value = String.valueOf(text(setting));
    String word = value.toUpperCase(Locale.ROOT);
    if (!words.contains(word)) {
      wrong(setting, value, String.join(", ", words));
    }
    return word;
  }

  @Nullable Path file(Setting setting) {
    String value = text(setting);
    if (value == null) {
      return null;
    }
    Path path = path(setting, value);
    if (path != null && !Files.isReadable(path)) {
      wrong(setting, value, "a file that can be read");
    }
    return path;
  }

  @Nullable Path path(Setting setting, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      wrong(setting, value, "a path");
      return null;
    }
  }

  void wrong(Setting setting, String value, String allowed) {
    problems.add(setting.shown() + " is \"" + value + "\"; allowed: " + allowed);
  }

  void problem(String problem) {
    problems.add(problem);
  }

  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }
}
