// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives names to exposures that a document leaves without, so that each stays the one it was:
 * whoever suspended one must not find it resumed by a manifest that knows nothing of it. Stateless.
 */
final class ExposureNames {
  private static final int LONGEST = 58;

  private ExposureNames() {}

  /**
   * What is wanted, named, in the state in which those of the same names are.
   *
   * <p>What grants the same as one that is there gets its name; all else is named for the
   * participant to which it is granted.
   */
  static List<Manifest.ExposureEntry> named(
      List<Manifest.ExposureEntry> wanted, Collection<Participant.Exposure> present) {
    Set<String> taken = new HashSet<>();
    wanted.forEach(entry -> taken.add(entry.exposure().name()));
    Map<Participant.Exposure, Deque<String>> free = new HashMap<>();
    Map<String, Participant.Exposure> byName = new HashMap<>();
    for (Participant.Exposure exposure : present) {
      byName.put(exposure.name(), exposure);
      if (!taken.contains(exposure.name())) {
        free.computeIfAbsent(exposure.grant(), one -> new ArrayDeque<>()).add(exposure.name());
      }
    }
    List<String> names = new ArrayList<>();
    for (Manifest.ExposureEntry entry : wanted) {
      String name = entry.exposure().name();
      Deque<String> same = free.get(entry.exposure().grant());
      if (name.isEmpty() && same != null && !same.isEmpty()) {
        name = same.removeFirst();
        taken.add(name);
      }
      names.add(name);
    }
    List<Manifest.ExposureEntry> named = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Participant.Exposure exposure = wanted.get(i).exposure();
      String name = names.get(i).isEmpty() ? fresh(exposure.toParticipant(), taken) : names.get(i);
      named.add(
          new Manifest.ExposureEntry(
              wanted.get(i).pointer(), inState(exposure, name, byName.get(name))));
    }
    return named;
  }

  private static String fresh(String to, Set<String> taken) {
    String name = to;
    for (int i = 2; !taken.add(name); i++) {
      name = to.substring(0, Math.min(to.length(), LONGEST)) + "-" + i;
    }
    return name;
  }

  /** One that gets another end is not over before its time is looked at. */
  static Participant.Exposure inState(
      Participant.Exposure exposure, String name, Participant.@Nullable Exposure before) {
    return before == null
        ? exposure.as(name, false, null)
        : exposure.as(
            name,
            before.expired() && Objects.equals(before.until(), exposure.until()),
            before.suspension());
  }
}
