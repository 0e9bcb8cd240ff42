// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides server by server whether a command may be executed there. Takes from each quota once, and
 * knows what it took. Confined to one request.
 */
final class Admission {
  private final Registry registry;
  private final Permissions.Wish wish;
  private final Quotas quotas;
  private final boolean consume;
  private final Map<Quotas.Grant, Boolean> asked = new HashMap<>();
  private final List<Quotas.Grant> taken = new ArrayList<>();

  /**
   * @param consume false: only looks at quotas
   */
  Admission(Registry registry, Permissions.Wish wish, Quotas quotas, boolean consume) {
    this.registry = registry;
    this.wish = wish;
    this.quotas = quotas;
    this.consume = consume;
  }

  /** By server id: why it may not be executed there. */
  Map<Integer, String> refused(Collection<EdgeServer> servers) {
    Map<Integer, String> refused = new HashMap<>();
    for (EdgeServer server : servers) {
      String why = whyRefused(server);
      if (why != null) {
        refused.put(server.id(), why);
      }
    }
    return refused;
  }

  /** The rate comes last: what is refused anyway takes nothing from it. */
  private @Nullable String whyRefused(EdgeServer server) {
    boolean own = Permissions.isOwn(registry, server, wish.originId());
    Participant.Exposure exposure = own ? null : Permissions.allowing(registry, server, wish);
    if (!own && exposure == null) {
      return Permissions.EXPOSURE;
    }
    if (!isAble(server)) {
      return Permissions.UNSUPPORTED;
    }
    return exposure == null || isWithinRate(server, exposure) ? null : Permissions.QUOTA;
  }

  /** Nobody relays to a peer yet: its share would wait for its deadline. */
  private boolean isAble(EdgeServer server) {
    Participant executing = registry.participant(server.participantId());
    return (executing == null || executing.delivery() != Participant.Delivery.PEER)
        && (server.operations() == null || server.operations().contains(wish.operation()));
  }

  private boolean isWithinRate(EdgeServer server, Participant.Exposure exposure) {
    return asked.computeIfAbsent(
        new Quotas.Grant(server.participantId(), wish.originId(), exposure), this::take);
  }

  private boolean take(Quotas.Grant grant) {
    boolean granted = quotas.take(grant, consume);
    if (granted && consume) {
      taken.add(grant);
    }
    return granted;
  }

  /** What was taken; to be given back if the command is not accepted. */
  List<Quotas.Grant> taken() {
    return List.copyOf(taken);
  }
}
