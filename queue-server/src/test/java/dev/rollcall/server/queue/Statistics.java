// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.testkit.TestDatabase;

/** What the planner knows of a queue that has nothing in it: the ways in which that is wrong. */
enum Statistics {
  /** Nothing. */
  NONE,
  /** How it was when it was empty, and all that belongs to it. */
  EMPTY,
  /** How it once was. */
  STALE;

  void install(TestDatabase database) {
    database
        .jdbi()
        .useHandle(handle -> {
          if (this == STALE) {
            handle.execute(
                "insert into queue (seq, server_id, cell, track) select g, 1, 0, 8193 from"
                    + " generate_series(1, 3000) g");
          }
          if (this == EMPTY) {
            handle.execute(
                "truncate command, command_target, rollup, execution_result, attempt_log, resync");
            handle.execute(
                "analyze command, command_target, rollup, execution_result, attempt_log, resync");
          }
          if (this != NONE) {
            handle.execute("vacuum analyze queue");
          }
          handle.execute("delete from queue where server_id > 0");
        });
  }
}
