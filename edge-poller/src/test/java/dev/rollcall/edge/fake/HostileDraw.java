// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Draws parameters of commands out of what has broken caches and their tools before. Most are
 * refused when they are read; a part of them is harmless enough to be carried out.
 */
public final class HostileDraw {
  private static final List<String> HARMLESS =
      List.of("/", "a", "b", "B", "a.js", "-", "_", "~", "1", "x/y", "%20", "é", "?q=1", "~a");

  private static final List<String> HOSTILE =
      List.of(
          "..",
          ".",
          "/..",
          "/../..",
          "%2e%2e",
          "%2E.",
          "%2F",
          "%2f..%2f",
          "%5c..",
          "\\",
          "\\..\\",
          "\"",
          "'",
          "`",
          " ",
          "\t",
          "\r\n",
          "\n",
          "\u0000",
          "%00",
          "%0d%0a",
          "%09",
          "%7f",
          "%ff",
          "%C0%AE",
          "%u002e",
          "%2",
          "%",
          "%%32%65",
          "%252e",
          "&&",
          " && obj.status != 0",
          "||",
          "!=",
          " HTTP/1.1\r\nHost: www.other.example\r\n\r\nPURGE /",
          "\r\nX-Rollcall-Match: all",
          "{self}",
          "{index}",
          "{+}",
          "{}",
          "|",
          "?",
          "??",
          "#",
          "*",
          "**",
          "$*",
          "$$",
          "$?",
          "$",
          "(",
          ")",
          "(?:",
          "[",
          "]",
          "[^",
          "{",
          "}",
          "{2}",
          "{1,100}",
          "^",
          "|.*",
          ".*",
          "a*",
          "a+",
          "(a+)+",
          "(a|aa)+$",
          "\\b",
          "\\Q",
          "\\E",
          "\\1",
          "(?i)",
          "(*LIMIT_MATCH=1)",
          "(?#",
          "\\d",
          "[a-z]*",
          "\u202e",
          "\u200d",
          "\ud800",
          "\ud83d\ude00",
          "\u212a",
          "\u0085",
          ".rollcall",
          "/.rollcall/lock",
          "www.other.example",
          "@",
          ":",
          ";",
          ",",
          "=",
          "+",
          "com1",
          "con.",
          "~/",
          "file://",
          "//www.other.example",
          "$(id)",
          ";id",
          "%s%n",
          "<!--",
          "\u007f");

  private static final List<String> HOSTS =
      List.of(
          "WWW.ACME.Example.",
          "www.acme.example:443",
          "www.other.example",
          "acme.example",
          "*.acme.example",
          "www.\u0430cme.example",
          "www\u3002other\u3002example",
          "www..example",
          "www.acme.example@www.other.example",
          "www.acme.example\r\nHost",
          "..",
          ".rollcall",
          "127.0.0.1",
          "[::1]",
          "0x7f.1",
          "localhost",
          "www.acme.example\u0000",
          "www.acme.example ",
          "-a.example",
          "a\"b.example",
          "a/../www.other.example");

  private final RandomGenerator random;

  public HostileDraw(RandomGenerator random) {
    this.random = random;
  }

  /** A parameters object, as text. */
  public String parameters() {
    ObjectNode out = Json.MAPPER.createObjectNode();
    do {
      switch (random.nextInt(7)) {
        case 0, 1 -> many(out.putArray("urls"), true);
        case 2 -> many(out.putArray("prefixes"), true);
        case 3, 4 -> many(out.putArray("patterns"), false);
        case 5 -> many(out.putArray("regexes"), false);
        default -> many(out.putArray("tags"), false);
      }
    } while (random.nextInt(4) == 0);
    return out.toString();
  }

  /** The same, but of one kind, so that more of it is carried out. */
  public String only(String kind) {
    ObjectNode out = Json.MAPPER.createObjectNode();
    many(out.putArray(kind), kind.equals("urls") || kind.equals("prefixes"));
    return out.toString();
  }

  private void many(ArrayNode array, boolean urls) {
    for (int i = random.nextInt(2); i >= 0; i--) {
      array.add(
          urls ? "https://" + pick(HOSTS) + path() : random.nextInt(8) == 0 ? text() : path());
    }
  }

  private String path() {
    return (random.nextInt(12) == 0 ? "" : "/") + text();
  }

  private String text() {
    int evil = random.nextInt(4) == 0 ? 2 : 5;
    List<String> pieces = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      pieces.add(pick(random.nextInt(evil) == 0 ? HOSTILE : HARMLESS));
    }
    if (random.nextInt(40) == 0) {
      pieces.add(pick(HARMLESS).repeat(100 + random.nextInt(9_000)));
    }
    return String.join("", pieces);
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
