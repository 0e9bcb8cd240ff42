// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import java.util.Map;

/**
 * A request that HTTP itself can carry.
 *
 * @param operation as the description names it, with its method; empty: none of those
 * @param caller which of the tokens; -1: none
 * @param path with its query, encoded
 */
record FuzzRequest(
    String operation,
    String method,
    String path,
    int caller,
    Map<String, String> headers,
    byte[] body) {
  FuzzRequest {
    headers = Map.copyOf(headers);
  }

  @Override
  public String toString() {
    String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
    return method
        + " "
        + path
        + " "
        + headers
        + " as "
        + caller
        + ": "
        + text.substring(0, Math.min(300, text.length()));
  }
}
