// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import java.io.IOException;

/** Nobody takes a connection there, and so nothing of a request was sent. */
public final class NotConnectedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final IOException reason;

  NotConnectedException(IOException reason) {
    super(reason.getMessage(), reason);
    this.reason = reason;
  }

  public IOException reason() {
    return reason;
  }
}
