// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import dev.rollcall.protocol.json.Problems;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL, or the beginning of one, in its normal form. http and https name the same object (RFC 8007
 * section 4.8), so two that differ in the scheme alone have the same {@link #key}.
 *
 * @param scheme {@code http} or {@code https}, as it was given
 * @param host the host; only default ports are accepted, so there is no port
 * @param pathAndQuery begins with a slash; only ASCII without white space, quotes, backslashes
 */
public record CacheUrl(String scheme, HostName host, String pathAndQuery) {
  /** Longest URL that is accepted, in characters, before and after it is normalised. */
  public static final int MAX_LENGTH = 8_000;

  private static final Pattern PARTS =
      Pattern.compile("(?s)([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)(#.*)?");
  private static final Pattern PORT = Pattern.compile("(.*):([0-9]*)");

  /**
   * Reads an absolute http or https URL.
   *
   * @throws SelectorException for another scheme, user information, a port that is not the default,
   *     a fragment, an address instead of a name, a malformed or ambiguous path
   */
  public static CacheUrl parse(String text) throws SelectorException {
    if (text.length() > MAX_LENGTH) {
      throw new SelectorException(
          "has " + text.length() + " characters; at most " + MAX_LENGTH + " are allowed");
    }
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw refused(text, "an absolute URL such as https://www.acme.example/a is needed");
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw refused(text, "the scheme must be http or https");
    }
    if (parts.group(4) != null) {
      throw refused(text, "a fragment never reaches a cache; leave out what follows \"#\"");
    }
    HostName host = HostName.parse(withoutPort(text, parts.group(2)));
    String path = PathAndQuery.normalise(parts.group(3));
    var url = new CacheUrl(scheme, host, path);
    if (url.toString().length() > MAX_LENGTH) {
      throw refused(text, "has more than " + MAX_LENGTH + " characters when it is normalised");
    }
    return url;
  }

  private static String withoutPort(String text, String authority) throws SelectorException {
    if (authority.contains("@")) {
      throw refused(text, "user information is not allowed");
    }
    Matcher port = PORT.matcher(authority);
    if (!port.matches()) {
      return authority;
    }
    String number = port.group(2);
    if (!number.isEmpty() && !number.equals("80") && !number.equals("443")) {
      throw refused(text, "only the default port is allowed");
    }
    return port.group(1);
  }

  private static SelectorException refused(String text, String why) {
    return new SelectorException(Problems.shown(text) + ": " + why);
  }

  /** What two spellings of the same object share. */
  public String key() {
    return host.name() + pathAndQuery;
  }

  @Override
  public String toString() {
    return scheme + "://" + key();
  }
}
