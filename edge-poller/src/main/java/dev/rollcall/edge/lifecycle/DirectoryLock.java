// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds a directory for this process alone, by a lock on the file {@code lock} in it. The lock goes
 * with the process, however it ends; the file stays and says who held it last.
 */
public final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "lock";

  /**
   * What this process holds. It must be asked first: Linux drops a process's lock as soon as the
   * process closes any descriptor of the file, also one that was opened only to look.
   */
  private static final Map<Path, String> OWN = new ConcurrentHashMap<>();

  /** What an attempt to take a directory led to. */
  public sealed interface Taken {
    record Held(DirectoryLock lock) implements Taken {}

    /**
     * @param holder what the other one wrote into the file
     */
    record ByAnother(String holder) implements Taken {}
  }

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @param self one line for whoever meets the lock, such as {@code pid 7}
   */
  public static Taken take(Path directory, String self) throws IOException {
    Path file = directory.toRealPath().resolve(FILE);
    String own = OWN.putIfAbsent(file, self);
    if (own != null) {
      return new Taken.ByAnother(own);
    }
    Taken taken = null;
    try {
      taken = takeFile(file, self);
      return taken;
    } finally {
      if (!(taken instanceof Taken.Held)) {
        OWN.remove(file);
      }
    }
  }

  private static Taken takeFile(Path file, String self) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        channel.close();
        return new Taken.ByAnother(holder(file));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((self + "\n").getBytes(UTF_8)), 0);
      return new Taken.Held(new DirectoryLock(file, channel));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Who holds the directory now; null when nobody does. */
  public static @Nullable String heldBy(Path directory) throws IOException {
    if (!Files.exists(directory.resolve(FILE))) {
      return null;
    }
    Path file = directory.toRealPath().resolve(FILE);
    String own = OWN.get(file);
    if (own != null) {
      return own;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null ? holder(file) : null;
    }
  }

  private static String holder(Path file) throws IOException {
    return Files.readString(file).lines().findFirst().orElse("another process");
  }

  @Override
  public void close() throws IOException {
    channel.close();
    OWN.remove(file);
  }
}
