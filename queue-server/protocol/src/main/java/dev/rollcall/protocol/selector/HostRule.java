// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

/**
 * A host that a configuration serves: one name, or with {@code *.} in front every name below it, at
 * any depth, but not the name itself.
 *
 * @param suffix the name, or what follows {@code *.}
 * @param wildcard whether {@code *.} stood in front
 */
public record HostRule(String suffix, boolean wildcard) {
  /** Reads {@code www.acme.example} or {@code *.acme.example}. */
  public static HostRule parse(String text) throws SelectorException {
    boolean wildcard = text.startsWith("*.");
    return new HostRule(HostName.parse(wildcard ? text.substring(2) : text).name(), wildcard);
  }

  public boolean covers(HostName host) {
    return wildcard ? host.name().endsWith("." + suffix) : host.name().equals(suffix);
  }

  /** Whether some name falls under both. */
  public boolean overlaps(HostRule other) {
    if (!wildcard && !other.wildcard) {
      return suffix.equals(other.suffix);
    }
    if (wildcard && other.wildcard) {
      return suffix.equals(other.suffix)
          || below(suffix, other.suffix)
          || below(other.suffix, suffix);
    }
    return wildcard ? below(other.suffix, suffix) : below(suffix, other.suffix);
  }

  private static boolean below(String name, String parent) {
    return name.endsWith("." + parent);
  }

  @Override
  public String toString() {
    return wildcard ? "*." + suffix : suffix;
  }
}
