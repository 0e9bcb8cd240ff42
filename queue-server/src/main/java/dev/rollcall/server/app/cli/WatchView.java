// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.time.Duration;

/** Where the progress of a command is shown. Called by one thread. */
public interface WatchView {
  /** The command is another now. */
  void changed(CommandStatus status);

  /**
   * Nothing has changed, but time has passed.
   *
   * @param since how long ago the last change was seen
   */
  void tick(Duration since);

  /** The server cannot be asked; it is tried again. */
  void trouble(String reason);

  /** The server answers again. */
  void recovered();

  /** There will be no further call. */
  void close();
}
