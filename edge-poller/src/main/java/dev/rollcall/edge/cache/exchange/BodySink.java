// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.exchange;

import java.io.IOException;

/** Takes the body of an answer, piece by piece. */
@FunctionalInterface
public interface BodySink {
  /** For a body that nobody needs. */
  BodySink DISCARD = (_, _, _) -> {};

  /** More than is wanted; ends the exchange. */
  final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  void take(byte[] bytes, int from, int length) throws IOException;
}
