// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.server.web.ApiException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a thing for a request to be done (RFC 9110 section 13.1).
 *
 * @param match the tags of which it must have one; null: not asked for
 * @param noneMatch the tags of which it must have none; null: not asked for
 */
record Precondition(@Nullable Set<String> match, @Nullable Set<String> noneMatch) {
  private static final String ANY = "*";

  static Precondition of(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
    return new Precondition(tags(ifMatch), tags(ifNoneMatch));
  }

  private static @Nullable Set<String> tags(@Nullable String header) {
    return header == null
        ? null
        : Arrays.stream(header.split(",", -1)).map(String::strip).collect(Collectors.toSet());
  }

  /**
   * @param tag null: there is no such thing
   * @throws ApiException 412
   */
  void check(@Nullable String tag) {
    if ((match != null && !names(match, tag)) || (noneMatch != null && names(noneMatch, tag))) {
      throw ApiException.of(
          412,
          "precondition-failed",
          tag == null ? "There is no such thing by now." : "Its ETag is " + tag + " by now.");
    }
  }

  /** Whether a reader has it already. */
  boolean isKnown(String tag) {
    return noneMatch != null && names(noneMatch, tag);
  }

  private static boolean names(Set<String> tags, @Nullable String tag) {
    return tag != null && (tags.contains(ANY) || tags.contains(tag));
  }
}
