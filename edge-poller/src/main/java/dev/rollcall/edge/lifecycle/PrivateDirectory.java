// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories and files that other users of the machine have no business in. */
public final class PrivateDirectory {
  private PrivateDirectory() {}

  /** Makes the directory and what is missing above it; one that exists is left as it is. */
  public static void create(Path directory) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Makes names that were given or taken in this directory survive a power failure. */
  public static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
