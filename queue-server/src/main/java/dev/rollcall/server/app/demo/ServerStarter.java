// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.util.Map;

/** Starts a queue server inside this process. */
@FunctionalInterface
public interface ServerStarter {
  /**
   * Returns when it accepts requests.
   *
   * @param flags by the setting's name, as for {@code serve}
   * @param environment all that it may take from the environment; the process's own does not count
   * @throws RuntimeException when it cannot start; the message is for the operator, and nothing of
   *     it is left running
   */
  RunningServer start(Map<String, String> flags, Map<String, String> environment);
}
