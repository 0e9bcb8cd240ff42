// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.ArrayList;
import java.util.List;

/**
 * What a change to the registry did, or would do.
 *
 * @param created things that were not there
 * @param changed things of which some fields are another now
 * @param removed things that are gone
 */
public record RegistryDiff(List<Item> created, List<Changed> changed, List<Item> removed) {
  public RegistryDiff {
    created = List.copyOf(created);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
  }

  /**
   * @param kind {@code participant}, {@code customer}, {@code server}, {@code configuration}
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

  public boolean isEmpty() {
    return created.isEmpty() && changed.isEmpty() && removed.isEmpty();
  }

  /** Gathers the parts. Confined to one thread. */
  static final class Builder {
    final List<Item> created = new ArrayList<>();
    final List<Changed> changed = new ArrayList<>();
    final List<Item> removed = new ArrayList<>();

    RegistryDiff build() {
      return new RegistryDiff(created, changed, removed);
    }
  }
}
