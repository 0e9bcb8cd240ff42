// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.util.List;

/** The demo cannot go on; each line is for the person in front of it. */
final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> lines;

  DemoException(String... lines) {
    super(String.join(" ", lines));
    this.lines = List.of(lines);
  }

  DemoException(List<String> lines) {
    super(String.join(" ", lines));
    this.lines = List.copyOf(lines);
  }

  List<String> lines() {
    return lines;
  }
}
