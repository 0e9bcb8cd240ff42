// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import dev.rollcall.protocol.json.Problems;
import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A DNS name in its normal form: lower case, international labels in their ASCII form (RFC 5891),
 * no trailing dot, at least two labels. Never an address.
 *
 * @param name the normal form, at most 253 characters
 */
public record HostName(String name) {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMERIC = Pattern.compile("[0-9]+|0x[0-9a-f]*");

  /** Reads a host name as a person or a program writes it. */
  public static HostName parse(String text) throws SelectorException {
    String ascii = toAscii(text);
    if (ascii.endsWith(".")) {
      ascii = ascii.substring(0, ascii.length() - 1);
    }
    String[] labels = ascii.split("\\.", -1);
    for (String label : labels) {
      if (!LABEL.matcher(label).matches()) {
        throw refused(text, "a DNS name is needed");
      }
    }
    if (ascii.length() > 253) {
      throw refused(text, "a DNS name has at most 253 characters");
    }
    if (labels.length < 2) {
      throw refused(text, "a DNS name with a dot is needed");
    }
    if (NUMERIC.matcher(labels[labels.length - 1]).matches()) {
      throw refused(text, "a DNS name is needed, not an address");
    }
    return new HostName(ascii);
  }

  private static String toAscii(String text) throws SelectorException {
    if (text.chars().allMatch(c -> c < 0x80)) {
      return text.toLowerCase(Locale.ROOT);
    }
    try {
      return IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (RuntimeException e) { // of no kind of its own when a label is very long
      throw refused(text, "it cannot be written as an international DNS name");
    }
  }

  private static SelectorException refused(String text, String why) {
    return new SelectorException("host " + Problems.shown(text) + ": " + why);
  }

  @Override
  public String toString() {
    return name;
  }
}
