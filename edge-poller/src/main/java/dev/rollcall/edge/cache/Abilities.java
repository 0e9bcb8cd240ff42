// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a driver can do: for each operation and each kind of selector how, or not at all.
 *
 * @param table what is not in it cannot be done
 */
public record Abilities(Map<Operation, Map<SelectorKind, Ability>> table) {
  /**
   * @param manner exactly as asked, or only wider
   * @param counts whether the number of objects is known afterwards
   */
  public record Ability(Manner manner, boolean counts) {}

  /** How an operation is carried out. */
  public enum Manner {
    EXACT,
    /** More goes than was asked for: only for those who allow it. */
    WIDER
  }

  public Abilities {
    var copy = new EnumMap<Operation, Map<SelectorKind, Ability>>(Operation.class);
    table.forEach((operation, kinds) -> copy.put(operation, Map.copyOf(kinds)));
    table = Map.copyOf(copy);
  }

  /** Builds a table row by row. */
  public static final class Builder {
    private final Map<Operation, Map<SelectorKind, Ability>> table = new EnumMap<>(Operation.class);

    public Builder with(Operation operation, Set<SelectorKind> kinds, Ability ability) {
      Map<SelectorKind, Ability> row =
          table.computeIfAbsent(operation, _ -> new EnumMap<>(SelectorKind.class));
      kinds.forEach(kind -> row.put(kind, ability));
      return this;
    }

    public Abilities build() {
      return new Abilities(table);
    }
  }

  /** The words for what can be done at all, as the poller advertises them. */
  public List<String> operations() {
    var out = new ArrayList<String>();
    for (Operation operation : Operation.values()) {
      if (table.containsKey(operation)) {
        out.add(operation.wire());
      }
    }
    return out;
  }

  /**
   * Which of these selectors cannot be used for an operation.
   *
   * @param mayWiden whether more may go than was asked for
   */
  public Set<SelectorKind> missing(Operation operation, Set<SelectorKind> kinds, boolean mayWiden) {
    Map<SelectorKind, Ability> row = table.getOrDefault(operation, Map.of());
    Set<SelectorKind> out = EnumSet.noneOf(SelectorKind.class);
    for (SelectorKind kind : kinds) {
      Ability ability = row.get(kind);
      if (ability == null || (ability.manner() == Manner.WIDER && !mayWiden)) {
        out.add(kind);
      }
    }
    return out;
  }

  /** For people, such as {@code purge urls, prefixes; load urls}. */
  public List<String> described() {
    List<String> out = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      Map<SelectorKind, Ability> row = table.get(operation);
      if (row != null) {
        out.add(operation.wire() + " " + words(row));
      }
    }
    return out;
  }

  private static String words(Map<SelectorKind, Ability> row) {
    List<String> words = new ArrayList<>();
    new TreeMap<>(row)
        .forEach((kind, ability) ->
            words.add(kind.wire() + (ability.manner() == Manner.WIDER ? " (wider)" : "")));
    return String.join(", ", words);
  }
}
