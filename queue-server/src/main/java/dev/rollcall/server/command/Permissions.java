// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an exposure lets a command of another participant do on a server. */
final class Permissions {
  /** An exposure does not allow it. */
  static final String EXPOSURE = "exposure";

  /** The server cannot do it. */
  static final String UNSUPPORTED = "unsupported";

  /** An exposure's rate is used up. */
  static final String QUOTA = "quota";

  private Permissions() {}

  /**
   * What a command wants to do. What an exposure says to it is decided once, for however many
   * servers it is asked. Confined to one thread.
   */
  static final class Wish {
    private final short originId;
    private final String operation;
    private final List<HostRule> hosts;
    private final IdentityHashMap<Participant.Exposure, Set<String>> decided =
        new IdentityHashMap<>();

    /**
     * @param hosts that it touches: those it names, or all of its configuration
     */
    Wish(short originId, String operation, List<HostRule> hosts) {
      this.originId = originId;
      this.operation = operation;
      this.hosts = List.copyOf(hosts);
    }

    short originId() {
      return originId;
    }

    String operation() {
      return operation;
    }

    /** For who wants to decide the same only once. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Wish wish
          && originId == wish.originId
          && operation.equals(wish.operation)
          && hosts.equals(wish.hosts);
    }

    @Override
    public int hashCode() {
      return Objects.hash(originId, operation, hosts);
    }

    /** The same, for another thread. */
    Wish again() {
      return new Wish(originId, operation, hosts);
    }

    /** The names of the servers on which an exposure allows it, {@code *} for all. */
    Set<String> allowedOn(Participant.Exposure exposure) {
      return decided.computeIfAbsent(exposure, this::decide);
    }

    private Set<String> decide(Participant.Exposure exposure) {
      return exposure.operations().contains(operation) && Permissions.covers(exposure, hosts)
          ? Set.copyOf(exposure.servers())
          : Set.of();
    }
  }

  /** The hosts a command touches. */
  static List<HostRule> hosts(@Nullable Selectors selectors, List<HostRule> ofConfiguration) {
    return selectors == null || selectors.spansAllHosts()
        ? ofConfiguration
        : selectors.hosts().stream().map(host -> new HostRule(host.name(), false)).toList();
  }

  /**
   * The exposure that allows it, one that is not held if there is one; null: none does. Not to be
   * asked for an origin's own servers.
   */
  static Participant.@Nullable Exposure allowing(Registry registry, EdgeServer server, Wish wish) {
    Participant executing = registry.participant(server.participantId());
    Participant origin = registry.participant(wish.originId());
    if (executing == null || origin == null) {
      return null;
    }
    Participant.Exposure held = null;
    for (Participant.Exposure exposure : executing.exposures()) {
      if (exposure.isInForce() && exposure.toParticipant().equals(origin.name())) {
        Set<String> allowed = wish.allowedOn(exposure);
        if (allowed.contains("*") || allowed.contains(server.name())) {
          if (!exposure.isHeld()) {
            return exposure;
          }
          held = exposure;
        }
      }
    }
    return held;
  }

  private static boolean covers(Participant.Exposure exposure, List<HostRule> hosts) {
    if (hosts.isEmpty() || exposure.hosts().contains("*")) {
      return true;
    }
    Set<HostRule> allowed = new HashSet<>();
    exposure.hosts().forEach(host -> allowed.add(rule(host)));
    return hosts.stream().allMatch(host -> covers(allowed, host));
  }

  private static boolean covers(Set<HostRule> allowed, HostRule host) {
    return allowed.contains(host) || host.above().stream().anyMatch(allowed::contains);
  }

  private static HostRule rule(String host) {
    try {
      return HostRule.parse(host);
    } catch (SelectorException e) {
      throw new IllegalStateException("an exposure's host is none: " + host, e);
    }
  }

  /** Whether a command of this origin needs nobody's leave on this server. */
  static boolean isOwn(Registry registry, EdgeServer server, short originId) {
    if (server.participantId() == originId || originId == 0) {
      return true;
    }
    Participant executing = registry.participant(server.participantId());
    return executing != null && executing.delivery() != Participant.Delivery.POLL;
  }
}
