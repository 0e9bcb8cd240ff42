// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.List;

/**
 * A command's frozen target on its way into the queue.
 *
 * @param seq the command's place
 * @param track its lane and origin
 * @param parts one for each cell and participant, none of them empty
 * @param now false: only the target is stored; its executions enter the queue later
 */
public record Enqueued(long seq, short track, List<Part> parts, boolean now) {
  public Enqueued {
    parts = List.copyOf(parts);
  }

  /**
   * @param targeted servers, ascending
   * @param queued those of them that get an execution in the queue, ascending
   * @param refused those that were refused at acceptance
   */
  public record Part(
      short cell, short participantId, int[] targeted, int[] queued, List<Refused> refused) {
    public Part {
      refused = List.copyOf(refused);
    }
  }

  /** An execution that ends {@code rejected} at once, and why. */
  public record Refused(int serverId, short participantId, String code) {}
}
