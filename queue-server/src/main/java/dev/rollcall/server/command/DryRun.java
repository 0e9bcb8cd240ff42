// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a dry run finds. */
record DryRun(
    boolean dryRun, String operation, int targeted, int rejected, List<Part> participants) {
  private static final int MOST_PROBLEMS = 100;

  DryRun {
    participants = List.copyOf(participants);
  }

  /**
   * On one participant's servers, which are named where the caller would also see them in the
   * command.
   *
   * @param rejected by code: the servers
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Part(
      String participant, int targeted, List<String> servers, Map<String, List<String>> rejected) {
    Part(String participant) {
      this(participant, 0, new ArrayList<>(), new TreeMap<>());
    }

    private Part plus(EdgeServer server, boolean named, @Nullable String why) {
      if (named) {
        servers.add(server.fullName());
      }
      if (named && why != null) {
        rejected.computeIfAbsent(why, code -> new ArrayList<>()).add(server.fullName());
      }
      return new Part(participant, targeted + 1, servers, rejected);
    }
  }

  static DryRun of(Registry now, Caller caller, String operation, Resolved resolved) {
    Map<String, Part> parts = new TreeMap<>();
    for (EdgeServer server : resolved.servers()) {
      boolean named = names(now, caller, resolved, server);
      String why = resolved.refused().get(server.id());
      parts.compute(
          now.participantName(server.participantId()),
          (name, before) -> (before == null ? new Part(name) : before).plus(server, named, why));
    }
    return new DryRun(
        true,
        operation,
        resolved.servers().size(),
        resolved.refused().size(),
        List.copyOf(parts.values()));
  }

  /** Why not all of it may be executed; of servers that the caller may not see the participant. */
  static List<Problem> refused(Registry now, Caller caller, Resolved resolved) {
    Set<String> reasons = new TreeSet<>();
    for (EdgeServer server : resolved.servers()) {
      String why = resolved.refused().get(server.id());
      if (why != null && reasons.size() < MOST_PROBLEMS) {
        String where =
            names(now, caller, resolved, server)
                ? server.fullName()
                : now.participantName(server.participantId());
        reasons.add(where + ": " + why);
      }
    }
    return reasons.stream().map(reason -> new Problem("/target", reason)).toList();
  }

  private static boolean names(Registry now, Caller caller, Resolved resolved, EdgeServer server) {
    return caller.role() != Role.CUSTOMER
        || new Visibility.Counts().showsServersOf(now, server.participantId(), resolved.originId());
  }
}
