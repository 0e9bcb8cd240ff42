// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.util.List;

/**
 * Settings that cannot be used: every problem, each with its name, the value and what is allowed.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  ConfigException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
