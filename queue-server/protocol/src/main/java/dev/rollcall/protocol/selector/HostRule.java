// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import java.util.ArrayList;
import java.util.List;

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

  /**
   * The rules with {@code *.} in front in whose range all lies that falls under this one, nearest
   * first. Whether two rules overlap, or one of many covers a host, is found by looking these up.
   */
  public List<HostRule> above() {
    List<HostRule> above = new ArrayList<>();
    for (int dot = suffix.indexOf('.'); dot >= 0; dot = suffix.indexOf('.', dot + 1)) {
      above.add(new HostRule(suffix.substring(dot + 1), true));
    }
    return above;
  }

  @Override
  public String toString() {
    return wildcard ? "*." + suffix : suffix;
  }
}
