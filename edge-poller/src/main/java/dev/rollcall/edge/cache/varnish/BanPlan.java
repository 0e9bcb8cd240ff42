// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.edge.cache.CacheTask;
import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.PathPattern;
import dev.rollcall.protocol.selector.PathRegex;
import dev.rollcall.protocol.selector.Selectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bans that a task needs.
 *
 * @param bans what is sent
 * @param widened what is banned wider than it was asked for, in words
 * @param refused what cannot be banned without going wider, in words
 */
record BanPlan(List<Ban> bans, List<String> widened, List<String> refused) {
  /** For everything in the selectors but URLs and tags. */
  static BanPlan of(CacheTask task) {
    var plan = new BanPlan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Selectors selectors = task.selectors();
    if (selectors.everything()) {
      plan.bans.addAll(Ban.on(task.hosts(), Ban.Match.ALL));
      return plan;
    }
    for (CacheUrl prefix : selectors.prefixes()) {
      plan.addPrefix(task, List.of(new HostRule(prefix.host().name(), false)), prefix);
    }
    for (PathPattern pattern : selectors.patterns()) {
      String field = pattern.matchQuery() ? "url" : "path";
      plan.bans.addAll(Ban.on(task.hosts(), new Ban.Match(field, pattern.toAtomicRegex())));
    }
    for (PathRegex regex : selectors.regexes()) {
      plan.addRegex(task, regex);
    }
    return plan;
  }

  private void addPrefix(CacheTask task, List<HostRule> host, CacheUrl prefix) {
    String path = prefix.pathAndQuery();
    if (path.length() > BanRegex.LONGEST_URL) {
      return; // nothing that begins so is kept
    }
    String regex = "^" + BanRegex.quoted(path);
    if (regex.length() <= Ban.LONGEST_REGEX) {
      bans.addAll(Ban.on(host, new Ban.Match("url", regex)));
    } else if (task.mayWiden()) {
      bans.addAll(Ban.on(host, Ban.Match.ALL));
      widened.add("a prefix of " + path.length() + " characters as all of " + prefix.host());
    } else {
      refused.add("a prefix of " + path.length() + " characters is too long for a ban");
    }
  }

  private void addRegex(CacheTask task, PathRegex regex) {
    Optional<BanRegex> exact =
        BanRegex.of(regex).filter(ban -> ban.pcre().length() <= Ban.LONGEST_REGEX);
    if (exact.isPresent()) {
      bans.addAll(Ban.on(task.hosts(), new Ban.Match("url", exact.get().pcre())));
      return;
    }
    String prefix = BanRegex.literalPrefix(regex);
    if (!task.mayWiden()) {
      refused.add(
          "regex "
              + regex.regex()
              + ": it could exceed pcre2_match_limit, which stops Varnish; fewer repetitions that"
              + " overlap are needed, or degrade: widen");
      return;
    }
    widened.add("regex " + regex.regex() + " as prefix " + prefix);
    bans.addAll(Ban.on(task.hosts(), new Ban.Match("url", "^" + BanRegex.quoted(prefix))));
  }
}
