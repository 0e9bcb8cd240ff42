// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.edge.cache.exchange.Request;
import dev.rollcall.protocol.selector.HostRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One ban, in the pieces that the VCL puts together.
 *
 * @param domains whether everything below the hosts is meant, and not the hosts
 * @param hosts names in normal form
 * @param match {@code all}, {@code url} or {@code path}
 * @param regex null with {@code all}
 */
record Ban(boolean domains, List<String> hosts, String match, @Nullable String regex) {
  /** Varnish takes headers of up to 8,192 bytes. */
  static final int LONGEST_REGEX = 6_000;

  private static final int LONGEST_HOSTS = 3_000;

  /** What is banned, before it is known on which hosts. */
  record Match(String match, @Nullable String regex) {
    static final Match ALL = new Match("all", null);
  }

  /** The fewest bans for a match on each of these hosts. */
  static List<Ban> on(List<HostRule> hosts, Match match) {
    List<Ban> out = new ArrayList<>();
    for (boolean wildcard : new boolean[] {false, true}) {
      List<String> names =
          hosts.stream().filter(h -> h.wildcard() == wildcard).map(HostRule::suffix).toList();
      for (List<String> group : groups(names)) {
        out.add(new Ban(wildcard, group, match.match(), match.regex()));
      }
    }
    return out;
  }

  private static List<List<String>> groups(List<String> names) {
    List<List<String>> out = new ArrayList<>();
    int length = LONGEST_HOSTS;
    for (String name : names) {
      if (length + name.length() + 1 > LONGEST_HOSTS) {
        out.add(new ArrayList<>());
        length = 0;
      }
      out.getLast().add(name);
      length += name.length() + 1;
    }
    return out;
  }

  Request request() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(domains ? "X-Rollcall-Domains" : "X-Rollcall-Hosts", String.join(",", hosts));
    headers.put("X-Rollcall-Match", match);
    if (regex != null) {
      headers.put("X-Rollcall-Regex", regex);
    }
    return new Request("BAN", "/", hosts.getFirst(), headers);
  }

  /** The same for what began to be fetched up to this moment and was stored later. */
  Request repeated(long millis) {
    return request().with("X-Rollcall-Began", upTo(millis));
  }

  /** An expression for the numbers with as many digits that are not greater. */
  static String upTo(long number) {
    String digits = Long.toString(number);
    List<String> options = new ArrayList<>();
    options.add(digits);
    for (int i = 0; i < digits.length(); i++) {
      char digit = digits.charAt(i);
      if (digit > '0') {
        String rest = "[0-9]".repeat(digits.length() - i - 1);
        options.add(digits.substring(0, i) + "[0-" + (char) (digit - 1) + "]" + rest);
      }
    }
    return "^(?:" + String.join("|", options) + ")$";
  }
}
