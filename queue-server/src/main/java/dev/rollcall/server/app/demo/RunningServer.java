// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.net.URI;

/** A queue server inside this process. */
public interface RunningServer extends AutoCloseable {
  /** Where it listens: {@code http://127.0.0.1:8080}. */
  URI baseUri();

  /** Stops it and its database; returns when both are gone. */
  @Override
  void close();
}
