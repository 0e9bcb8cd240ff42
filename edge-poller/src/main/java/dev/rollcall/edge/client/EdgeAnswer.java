// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import dev.rollcall.protocol.edge.PollAnswer;
import java.util.List;

/**
 * The answer to a poll, with what in it could not be read kept apart, so that one malformed
 * execution does not take the others with it.
 *
 * @param unreadable leases whose execution this version cannot read; they must be reported all the
 *     same
 * @param nameless executions without a command and a lease: nothing can be reported of them
 */
public record EdgeAnswer(PollAnswer answer, List<Unreadable> unreadable, int nameless) {
  public EdgeAnswer {
    unreadable = List.copyOf(unreadable);
  }

  /**
   * @param why for people
   */
  public record Unreadable(String command, long lease, String why) {}
}
