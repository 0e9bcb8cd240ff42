// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes something into a directory and takes it away again: that alone tells whether it can be
 * written. Rights do not know of a full disk, a quota or a file system that turned read-only.
 */
public final class WriteTrial {
  private static final int PIECE = 64 << 10;

  private WriteTrial() {}

  /** What is left on the disk on which a directory would be made that is not there. */
  public static long freeAbove(Path missing) throws IOException {
    Path above = missing;
    while (!Files.exists(above)) {
      Path parent = above.getParent();
      if (parent == null) {
        throw new NoSuchFileException(missing.toString());
      }
      above = parent;
    }
    return Files.getFileStore(above).getUsableSpace();
  }

  /**
   * @param bytes how much is to fit
   * @throws IOException when it does not
   */
  public static void run(Path directory, long bytes) throws IOException {
    Path file = Files.createTempFile(directory, "trial-", ".tmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long left = bytes; left > 0; ) {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(left, PIECE));
        left -= piece.capacity();
        while (piece.hasRemaining()) {
          channel.write(piece);
        }
      }
      channel.force(true); // some file systems find room only now
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
