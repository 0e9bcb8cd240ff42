// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.Collection;

/** Told, after the commit, what changed in the queue. Must return at once and must not throw. */
public interface QueueListener {
  /** Something may have become leasable for these servers, or they must be told of a cancel. */
  void wake(Collection<Integer> serverIds);

  /** These commands' executions are in the queue; their servers are woken apart from it. */
  default void queued(Collection<Long> seqs) {}

  /** A server's live lease was marked: its command was cancelled. */
  void cancelled(int serverId, Exchange.Held lease);

  /** Something expired at these servers that was never handed out: they are to be told. */
  void missed(Collection<Integer> serverIds);

  /** These commands ended. */
  void completed(Collection<Long> seqs);
}
