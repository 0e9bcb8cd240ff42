// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer whose body has been passed on, whole.
 *
 * @param status the three digits
 * @param reason what stands beside them
 * @param headers by name in lower case; of several with one name the last
 */
public record Reply(int status, String reason, Map<String, String> headers) {
  public Reply {
    headers = Map.copyOf(headers);
  }

  /**
   * @param name in lower case
   */
  public @Nullable String header(String name) {
    return headers.get(name);
  }
}
