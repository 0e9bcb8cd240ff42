// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.json;

import java.util.ArrayList;
import java.util.List;

/** Collects the problems of one document. Confined to the thread that reads it. */
public final class Problems {
  /** More than this many helps nobody and would let a hostile document grow its own answer. */
  private static final int MOST = 100;

  private final List<Problem> found = new ArrayList<>();

  public void add(String pointer, String message) {
    if (found.size() < MOST) {
      found.add(new Problem(pointer, message));
    }
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** What is found from now on is not told: whoever looks for more may stop. */
  public boolean isFull() {
    return found.size() >= MOST;
  }

  public int count() {
    return found.size();
  }

  public List<Problem> list() {
    return List.copyOf(found);
  }

  /** Does nothing when there are none. */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new InvalidDocumentException(found);
    }
  }

  /** The value as an error may show it: shortened, control characters escaped. */
  public static String shown(String value) {
    var out = new StringBuilder("\"");
    int end = Math.min(value.length(), 80);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
        out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append(value.length() > end ? "…\"" : "\"").toString();
  }
}
