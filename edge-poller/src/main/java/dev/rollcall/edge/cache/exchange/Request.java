// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request without a body.
 *
 * @param method as it is sent
 * @param target path and query, as they are sent
 * @param host the {@code Host}
 * @param headers any further ones
 */
public record Request(String method, String target, String host, Map<String, String> headers) {
  /**
   * @throws IllegalArgumentException for what would not be one request line and one line for each
   *     header: white space or anything outside ASCII in method, target, host or a name, a control
   *     character in a value
   */
  public Request {
    headers = Map.copyOf(headers);
    word("method", method);
    word("target", target);
    word("host", host);
    headers.forEach((name, value) -> {
      word("name", name);
      if (value.isEmpty() || !value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
        throw new IllegalArgumentException("a value of " + name + " that cannot be sent");
      }
    });
  }

  private static void word(String what, String value) {
    if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("a " + what + " that cannot be sent");
    }
  }

  public static Request get(String target, String host) {
    return new Request("GET", target, host, Map.of());
  }

  public Request with(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Request(method, target, host, more);
  }

  byte[] toBytes() {
    var out = new StringBuilder();
    out.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    out.append("Host: ").append(host).append("\r\n");
    headers.forEach((name, value) -> out.append(name).append(": ").append(value).append("\r\n"));
    return out.append("User-Agent: rollcall-edge-poller\r\n\r\n").toString().getBytes(US_ASCII);
  }
}
