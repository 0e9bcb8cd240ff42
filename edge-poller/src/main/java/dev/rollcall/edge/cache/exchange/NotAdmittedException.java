// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;

/** The host is at addresses only that may not be connected to, and none was. */
public final class NotAdmittedException extends IOException {
  private static final long serialVersionUID = 1L;

  NotAdmittedException(List<InetAddress> addresses) {
    super(
        "is at "
            + addresses.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "))
            + ", which is not public");
  }
}
