// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the files of this module are, also for tests of a module beside it. */
final class Tree {
  private Tree() {}

  static Path file(String name) {
    Path here = Path.of(name).toAbsolutePath();
    return Files.exists(here) ? here : Path.of("../edge-poller", name).toAbsolutePath().normalize();
  }
}
