// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.web.ApiException;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The header Idempotency-Key, and what a key stands for: the request, however it was spelled. */
final class IdempotencyKeys {
  private IdempotencyKeys() {}

  /** Null when the header is absent. */
  static NewCommand.@Nullable Idempotency read(
      Context ctx, Caller caller, String action, @Nullable JsonNode body) {
    String key = ctx.header("Idempotency-Key");
    if (key == null) {
      return null;
    }
    if (key.isEmpty() || key.length() > 255 || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw ApiException.invalid(
          "/headers/Idempotency-Key",
          "is " + Problems.shown(key) + "; 1 to 255 visible ASCII characters are allowed");
    }
    String asked = action + "\n" + (body == null ? "" : canonical(body));
    return new NewCommand.Idempotency(caller.idempotencyScope(), key, digest(asked));
  }

  /** The same for two documents that differ in the order of fields and in white space alone. */
  static String canonical(JsonNode node) {
    if (node.isObject()) {
      Map<String, String> fields = new TreeMap<>();
      for (String name : node.propertyNames()) {
        fields.put(name, canonical(node.get(name)));
      }
      var out = new StringBuilder("{");
      fields.forEach((name, value) ->
          out.append(name.length()).append(':').append(name).append('=').append(value).append(','));
      return out.append('}').toString();
    }
    if (node.isArray()) {
      var out = new StringBuilder("[");
      node.forEach(element -> out.append(canonical(element)).append(','));
      return out.append(']').toString();
    }
    if (node.isNumber()) {
      return node.decimalValue().stripTrailingZeros().toString();
    }
    return node.toString();
  }

  private static String digest(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
