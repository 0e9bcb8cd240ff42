// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an exposure lets a command of another participant do on a server. Stateless. */
final class Permissions {
  /** An exposure does not allow it. */
  static final String EXPOSURE = "exposure";

  /** The server cannot do it. */
  static final String UNSUPPORTED = "unsupported";

  /** An exposure's rate is used up. */
  static final String QUOTA = "quota";

  private Permissions() {}

  /**
   * What a command wants to do.
   *
   * @param hosts that it touches: those it names, or all of its configuration
   */
  record Wish(short originId, String operation, List<HostRule> hosts) {
    Wish {
      hosts = List.copyOf(hosts);
    }
  }

  /** The hosts a command touches. */
  static List<HostRule> hosts(@Nullable Selectors selectors, List<HostRule> ofConfiguration) {
    return selectors == null || selectors.spansAllHosts()
        ? ofConfiguration
        : selectors.hosts().stream().map(host -> new HostRule(host.name(), false)).toList();
  }

  /** The exposure that allows it; null: none does. Not to be asked for an origin's own servers. */
  static Participant.@Nullable Exposure allowing(Registry registry, EdgeServer server, Wish wish) {
    Participant executing = registry.participant(server.participantId());
    Participant origin = registry.participant(wish.originId());
    if (executing == null || origin == null) {
      return null;
    }
    for (Participant.Exposure exposure : executing.exposures()) {
      if (exposure.toParticipant().equals(origin.name())
          && exposure.coversServer(server.name())
          && exposure.operations().contains(wish.operation())
          && wish.hosts().stream().allMatch(host -> covers(exposure, host))) {
        return exposure;
      }
    }
    return null;
  }

  private static boolean covers(Participant.Exposure exposure, HostRule host) {
    return exposure.hosts().stream()
        .anyMatch(allowed -> allowed.equals("*") || covers(allowed, host));
  }

  private static boolean covers(String allowed, HostRule host) {
    try {
      HostRule rule = HostRule.parse(allowed);
      return rule.equals(host)
          || (rule.wildcard()
              && (host.wildcard()
                  ? host.suffix().endsWith("." + rule.suffix())
                  : rule.covers(new HostName(host.suffix()))));
    } catch (SelectorException e) {
      throw new IllegalStateException("an exposure's host is none: " + allowed, e);
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
