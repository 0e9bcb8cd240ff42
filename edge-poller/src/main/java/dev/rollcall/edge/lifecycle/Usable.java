// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import java.nio.file.Files;
import java.nio.file.Path;

/** What can be said of a directory without touching it. */
public enum Usable {
  YES("is there and can be written"),
  TO_BE_MADE("does not exist yet, and will be made"),
  NOT_TO_BE_MADE("does not exist, and cannot be made by this user"),
  NO_DIRECTORY("is no directory"),
  NOT_WRITABLE("cannot be written by this user");

  private final String words;

  Usable(String words) {
    this.words = words;
  }

  public boolean ok() {
    return this == YES || this == TO_BE_MADE;
  }

  public String words() {
    return words;
  }

  public static Usable of(Path directory) {
    if (Files.exists(directory)) {
      return !Files.isDirectory(directory)
          ? NO_DIRECTORY
          : Files.isWritable(directory) ? YES : NOT_WRITABLE;
    }
    Path above = directory.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    return above != null && Files.isDirectory(above) && Files.isWritable(above)
        ? TO_BE_MADE
        : NOT_TO_BE_MADE;
  }
}
