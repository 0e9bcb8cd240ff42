// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.edge.Desks;
import dev.rollcall.server.node.Nodes;
import dev.rollcall.server.queue.Exchange;
import java.util.Collection;

/** The polls that wait on this node, for news from other nodes. */
record ParkedPolls(Desks desks) implements Nodes.Polls {
  @Override
  public void wake(Collection<Integer> serverIds) {
    desks.wake(serverIds);
  }

  @Override
  public void cancelled(int serverId, Exchange.Held lease) {
    desks.cancelled(serverId, lease);
  }

  @Override
  public void missed(Collection<Integer> serverIds) {
    desks.missed(serverIds);
  }

  @Override
  public void completed(Collection<Long> seqs) {
    desks.completed(seqs);
  }

  @Override
  public void movedAway(int serverId, int instance) {
    desks.movedAway(serverId, instance);
  }
}
