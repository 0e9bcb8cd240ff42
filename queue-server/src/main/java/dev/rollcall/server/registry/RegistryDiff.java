// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a change to the registry did, or would do.
 *
 * @param created things that were not there
 * @param changed things of which some fields are another now
 * @param removed things that are gone
 */
public record RegistryDiff(List<Item> created, List<Changed> changed, List<Item> removed) {
  private static final String EXPOSURE = "exposure";

  public RegistryDiff {
    created = List.copyOf(created);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
  }

  /**
   * @param kind {@code participant}, {@code customer}, {@code server}, {@code configuration},
   *     {@code exposure}
   * @param name the full name
   */
  public record Item(String kind, String name) {}

  /**
   * @param fields which of its fields
   */
  public record Changed(String kind, String name, List<String> fields) {
    public Changed {
      fields = List.copyOf(fields);
    }
  }

  /** That exposures have ended by themselves. */
  static RegistryDiff expired(List<String> names) {
    return new RegistryDiff(
        List.of(),
        names.stream().map(name -> new Changed(EXPOSURE, name, List.of("expired"))).toList(),
        List.of());
  }

  public boolean isEmpty() {
    return created.isEmpty() && changed.isEmpty() && removed.isEmpty();
  }

  /** Gathers the parts. Confined to one thread. */
  static final class Builder {
    final List<Item> created = new ArrayList<>();
    final List<Changed> changed = new ArrayList<>();
    final List<Item> removed = new ArrayList<>();

    /** Each exposure of a participant by its name. */
    void exposures(
        String owner, List<Participant.Exposure> before, List<Participant.Exposure> after) {
      Map<String, Participant.Exposure> gone = new LinkedHashMap<>();
      before.forEach(exposure -> gone.put(exposure.name(), exposure));
      for (Participant.Exposure exposure : after) {
        String name = owner + "/" + exposure.name();
        Participant.Exposure present = gone.remove(exposure.name());
        List<String> fields = present == null ? List.of() : fields(present, exposure);
        if (present == null) {
          created.add(new Item(EXPOSURE, name));
        } else if (!fields.isEmpty()) {
          changed.add(new Changed(EXPOSURE, name, fields));
        }
      }
      gone.keySet().forEach(name -> removed.add(new Item(EXPOSURE, owner + "/" + name)));
    }

    private static List<String> fields(Participant.Exposure before, Participant.Exposure after) {
      List<String> fields = new ArrayList<>();
      differs(fields, "to", before.toParticipant(), after.toParticipant());
      differs(fields, "servers", before.servers(), after.servers());
      differs(fields, "operations", before.operations(), after.operations());
      differs(fields, "hosts", before.hosts(), after.hosts());
      differs(fields, "commandsPerMinute", before.commandsPerMinute(), after.commandsPerMinute());
      differs(fields, "detail", before.detail(), after.detail());
      differs(fields, "until", before.until(), after.until());
      differs(fields, "suspension", before.suspension(), after.suspension());
      return fields;
    }

    /** Adds the name of a field if its values differ. */
    static void differs(
        List<String> fields, String name, @Nullable Object before, @Nullable Object after) {
      if (!Objects.equals(before, after)) {
        fields.add(name);
      }
    }

    RegistryDiff build() {
      return new RegistryDiff(created, changed, removed);
    }
  }
}
