// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A number for an ordering key, private to its origin. Two keys with the same number would only
 * wait for each other; with 63 bits that does not happen by chance.
 */
final class OrderingHash {
  private OrderingHash() {}

  /** Never negative; 0 for the empty key, and for no other. */
  static long of(short originId, String key) {
    if (key.isEmpty()) {
      return 0;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(2).putShort(originId).flip());
      byte[] hash = digest.digest(key.getBytes(StandardCharsets.UTF_8));
      long number = ByteBuffer.wrap(hash).getLong() & Long.MAX_VALUE;
      return number == 0 ? 1 : number;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
