// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import dev.rollcall.server.config.FileReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the server's own: mode 0700, held by one process at a time through a lock that the
 * operating system drops when the process dies. Confined to the thread that starts and stops.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK = "lock";

  /** How the lock file of every data directory begins, and by which one is known. */
  private static final String MARK = "process ";

  private final Path path;
  private final FileChannel lockFile;

  private DataDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Makes the directory if needed and takes its lock.
   *
   * @throws EmbeddedException when another process holds it (the message names that process), when
   *     it is full of something else, or when it cannot be made or written
   */
  public static DataDirectory open(Path directory) {
    Path path = directory.toAbsolutePath().normalize();
    try {
      if (!isOursOrFree(path)) {
        throw new EmbeddedException(
            path
                + " is not empty and is no data directory of a queue server; name one that is empty"
                + " or new with --data (ROLLCALL_DATA)");
      }
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      FileChannel file =
          FileChannel.open(
              path.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(file);
      if (lock == null) {
        String holder = read(file);
        file.close();
        throw new EmbeddedException("the data directory " + path + " is held by " + holder);
      }
      write(file, MARK + ProcessHandle.current().pid() + " since " + started());
      return new DataDirectory(path, file);
    } catch (IOException e) {
      throw new EmbeddedException(
          "the data directory " + path + " cannot be used: " + FileReason.of(e), e);
    }
  }

  /**
   * Whether the directory is a server's, or nobody's: it is not there, or holds nothing. What is
   * neither must not be touched, as its mode would be changed and files in it replaced. A directory
   * that holds only data directories is nobody's: a demo makes one inside a server's usual place.
   */
  public static boolean isOursOrFree(Path directory) throws IOException {
    if (!Files.isDirectory(directory) || isMarked(directory)) {
      return true;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : entries.toList()) {
        if (!isUnwrittenLock(entry) && !isMarked(entry)) {
          return false;
        }
      }
      return true;
    }
  }

  private static boolean isMarked(Path directory) throws IOException {
    Path lock = directory.resolve(LOCK);
    if (!Files.isRegularFile(lock)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(lock)) {
      byte[] mark = MARK.getBytes(StandardCharsets.UTF_8);
      return Arrays.equals(mark, in.readNBytes(mark.length));
    }
  }

  /** Of a server that is about to write it, or died before it could. */
  private static boolean isUnwrittenLock(Path file) throws IOException {
    return file.getFileName().toString().equals(LOCK)
        && Files.isRegularFile(file)
        && Files.size(file) == 0;
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another server inside this very process
    }
  }

  private static String started() {
    return ProcessHandle.current()
        .info()
        .startInstant()
        .map(Object::toString)
        .orElse("an unknown time");
  }

  private static String read(FileChannel file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(200);
    file.read(buffer, 0);
    String holder =
        new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8).strip();
    return holder.isEmpty() ? "another process" : holder;
  }

  private static void write(FileChannel file, String text) throws IOException {
    byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
    file.write(ByteBuffer.wrap(line), 0);
    file.truncate(line.length); // after the write: who reads now still finds the mark
  }

  public Path path() {
    return path;
  }

  /** A secret kept in a file (0600) of this directory; made, random, when it is not there yet. */
  public String secret(String name) {
    Path file = path.resolve(name);
    try {
      if (!Files.exists(file)) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        writeSecret(name, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new EmbeddedException(file + " cannot be read or written: " + FileReason.of(e), e);
    }
  }

  /** Writes a file that only this user can read, whole or not at all; answers where it is. */
  public Path writeSecret(String name, String value) {
    Path file = path.resolve(name);
    Path fresh = path.resolve(name + ".new");
    try {
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(fresh, value + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new EmbeddedException(file + " cannot be written: " + FileReason.of(e), e);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
