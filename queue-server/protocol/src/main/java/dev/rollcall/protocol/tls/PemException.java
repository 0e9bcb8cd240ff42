// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.tls;

/** Files that cannot be used; the message names them and never holds anything of a key. */
public final class PemException extends Exception {
  private static final long serialVersionUID = 1L;

  PemException(String message) {
    super(message);
  }

  PemException(String message, Exception cause) {
    super(message, cause);
  }
}
