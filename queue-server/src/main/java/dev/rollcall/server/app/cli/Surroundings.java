// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.Map;

/** What a command sees of the process it runs in, and of the world. */
public record Surroundings(
    Map<String, String> environment, Streams streams, Screen screen, Timing timing) {
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** The real ones. */
  public static Surroundings ofProcess() {
    Map<String, String> environment = System.getenv();
    return new Surroundings(
        environment,
        new Streams(System.in, System.out, System.err),
        Screen.of(System.out, environment),
        Timing.real());
  }
}
