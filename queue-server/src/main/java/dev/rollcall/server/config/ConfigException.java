// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import java.util.List;

/** Settings that cannot be used; holds every problem, each a sentence for the operator. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public ConfigException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
