// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.rollcall.edge.lifecycle.PrivateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The bytes of the journal. Confined to its owner's lock. */
final class JournalFile implements AutoCloseable {
  static final String NAME = "journal";

  /** A copy of a file that could not be read to its end, for people. */
  static final String DAMAGED = "journal.damaged";

  private static final String NEW = "journal.new";
  private static final byte[] MAGIC = "rollcall-journal 1\n".getBytes(US_ASCII);
  private static final int HEADER = 8;
  private static final int LONGEST_RECORD = 1 << 20;

  /**
   * What was read.
   *
   * @param dropped bytes at the end that could not be read
   * @param reason why, or null when all was read
   */
  record Content(List<Entry> entries, long dropped, @Nullable String reason) {}

  private final Path directory;
  private @Nullable FileChannel channel;
  private long size;

  JournalFile(Path directory) {
    this.directory = directory;
  }

  long size() {
    return size;
  }

  static long size(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /** Reads what stands in a directory, also while another process writes it. */
  static Content read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return new Content(List.of(), 0, null);
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    List<Entry> entries = new ArrayList<>();
    int good = 0;
    String reason = null;
    if (!startsWithMagic(bytes)) {
      reason = "it is no journal of this version";
    } else {
      good = MAGIC.length;
      while (reason == null && bytes.hasRemaining()) {
        reason = next(bytes, entries);
        good = reason == null ? bytes.position() : good;
      }
    }
    return new Content(entries, bytes.limit() - good, reason);
  }

  private static boolean startsWithMagic(ByteBuffer bytes) {
    byte[] start = new byte[MAGIC.length];
    if (bytes.remaining() < start.length) {
      return false;
    }
    bytes.get(start);
    return java.util.Arrays.equals(start, MAGIC);
  }

  /** Adds one entry, or answers why it cannot. */
  private static @Nullable String next(ByteBuffer bytes, List<Entry> entries) {
    if (bytes.remaining() < HEADER) {
      return "the last record is torn";
    }
    int length = bytes.getInt();
    int crc = bytes.getInt();
    if (length < 0 || length > LONGEST_RECORD || length > bytes.remaining()) {
      return "the last record is torn";
    }
    byte[] payload = new byte[length];
    bytes.get(payload);
    if (crc(payload) != crc) {
      return "a checksum is wrong";
    }
    try {
      entries.add(Entry.of(payload));
      return null;
    } catch (JacksonException | Entry.UnknownEntryException e) {
      return "a record cannot be read: " + e.getMessage();
    }
  }

  private static int crc(byte[] payload) {
    var crc = new CRC32C();
    crc.update(payload);
    return (int) crc.getValue();
  }

  /** Keeps what is there under another name, before it is rewritten without what was dropped. */
  void keepDamaged() throws IOException {
    Files.copy(
        directory.resolve(NAME), directory.resolve(DAMAGED), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Replaces the file, whole or not at all. */
  void rewrite(List<Entry> entries) throws IOException {
    close();
    Path fresh = directory.resolve(NEW);
    Files.deleteIfExists(fresh);
    FileChannel opened =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      ByteBuffer bytes = frame(entries, MAGIC);
      long written = writeAll(opened, bytes, 0);
      opened.force(true);
      Files.move(fresh, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
      PrivateDirectory.sync(directory);
      channel = opened;
      size = written;
    } catch (IOException e) {
      opened.close();
      Files.deleteIfExists(fresh); // on a full disk it is in the way of everything
      throw e;
    }
  }

  /**
   * Adds to the end. After a failure the file must be rewritten: what the disk holds of it is not
   * known any more.
   */
  void append(List<Entry> entries, boolean durable) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      throw new IOException("the journal is closed");
    }
    size = writeAll(open, frame(entries, new byte[0]), size);
    if (durable) {
      open.force(false);
    }
  }

  private static ByteBuffer frame(List<Entry> entries, byte[] before) {
    List<byte[]> payloads = entries.stream().map(Entry::toBytes).toList();
    int length = before.length + payloads.stream().mapToInt(p -> p.length + HEADER).sum();
    ByteBuffer out = ByteBuffer.allocate(length).put(before);
    for (byte[] payload : payloads) {
      out.putInt(payload.length).putInt(crc(payload)).put(payload);
    }
    return out.flip();
  }

  private static long writeAll(FileChannel channel, ByteBuffer bytes, long from)
      throws IOException {
    long at = from;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
    return at;
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }
}
