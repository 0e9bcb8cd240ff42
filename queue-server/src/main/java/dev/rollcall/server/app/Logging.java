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
}
