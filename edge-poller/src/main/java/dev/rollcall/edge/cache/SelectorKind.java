// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import dev.rollcall.protocol.selector.Selectors;
import java.util.EnumSet;
import java.util.Set;

/** By what an operation finds its objects. */
public enum SelectorKind {
  URLS("urls"),
  PREFIXES("prefixes"),
  PATTERNS("patterns"),
  REGEXES("regexes"),
  TAGS("tags"),
  EVERYTHING("everything");

  private final String wire;

  SelectorKind(String wire) {
    this.wire = wire;
  }

  /** The name of the parameter. */
  public String wire() {
    return wire;
  }

  /** The kinds that occur. */
  public static Set<SelectorKind> in(Selectors selectors) {
    Set<SelectorKind> out = EnumSet.noneOf(SelectorKind.class);
    for (SelectorKind kind : values()) {
      if (kind.occursIn(selectors)) {
        out.add(kind);
      }
    }
    return out;
  }

  private boolean occursIn(Selectors selectors) {
    return switch (this) {
      case URLS -> !selectors.urls().isEmpty();
      case PREFIXES -> !selectors.prefixes().isEmpty();
      case PATTERNS -> !selectors.patterns().isEmpty();
      case REGEXES -> !selectors.regexes().isEmpty();
      case TAGS -> !selectors.tags().isEmpty();
      case EVERYTHING -> selectors.everything();
    };
  }
}
