// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What is kept of a token, or of another secret of the kind. They are random and long, so a plain
 * hash is as good as a slow one, and a poll can afford it.
 */
public record TokenHash(String hex) {
  public static TokenHash of(String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return new TokenHash(
          HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8))));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
