// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.Selectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which objects of one host are meant, of those that can only be found by looking at each.
 *
 * @param everything all of them
 * @param prefixes with what their path and query may begin
 * @param matchers what else may hold of them
 */
record Selection(boolean everything, List<String> prefixes, List<Predicate<String>> matchers) {
  /** What the selectors without their URLs mean on a host. */
  static Selection wide(Selectors selectors, HostName host) {
    List<Predicate<String>> matchers = new ArrayList<>();
    selectors.patterns().forEach(pattern -> matchers.add(pattern.matcher()));
    selectors.regexes().forEach(regex -> matchers.add(regex.matcher()));
    return new Selection(selectors.everything(), on(host, selectors.prefixes()), matchers);
  }

  private static List<String> on(HostName host, List<CacheUrl> urls) {
    return urls.stream()
        .filter(url -> url.host().equals(host))
        .map(CacheUrl::pathAndQuery)
        .toList();
  }

  /** All that the selectors mean on a host, as a question about one object. */
  static Predicate<String> all(Selectors selectors, HostName host) {
    Set<String> urls = new HashSet<>(on(host, selectors.urls()));
    Selection wide = wide(selectors, host);
    return path -> urls.contains(path) || wide.holds(path);
  }

  boolean isEmpty() {
    return !everything && prefixes.isEmpty() && matchers.isEmpty();
  }

  boolean holds(String pathAndQuery) {
    return everything
        || prefixes.stream().anyMatch(pathAndQuery::startsWith)
        || matchers.stream().anyMatch(matcher -> matcher.test(pathAndQuery));
  }

  /** Whether something whose path begins so can be meant. */
  boolean reachesBelow(String beginning) {
    return everything
        || !matchers.isEmpty()
        || prefixes.stream().anyMatch(p -> p.startsWith(beginning) || beginning.startsWith(p));
  }

  /** Whether all whose path begins so is meant. */
  boolean holdsAllBelow(String beginning) {
    return everything || prefixes.stream().anyMatch(beginning::startsWith);
  }
}
