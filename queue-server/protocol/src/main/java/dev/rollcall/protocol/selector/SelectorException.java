// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

/** A selector that cannot be accepted; the message says what is wrong and what is allowed. */
public final class SelectorException extends Exception {
  private static final long serialVersionUID = 1L;

  public SelectorException(String message) {
    super(message);
  }
}
