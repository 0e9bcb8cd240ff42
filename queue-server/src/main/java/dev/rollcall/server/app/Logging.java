// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.util.logging.LogManager;

/**
 * One line a message on standard error; what libraries say through java.util.logging is left out.
 */
final class Logging {
  private Logging() {}

  static void configure() {
    LogManager.getLogManager().reset();
  }

  /**
   * Says how much is logged. Works only before the first logger is made: {@code logback.xml} reads
   * it then, from here rather than from the environment.
   */
  static void level(String level) {
    System.setProperty("ROLLCALL_LOG_LEVEL", level);
  }
}
