// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.edge.config.QuietHours;
import dev.rollcall.edge.lifecycle.Background;
import dev.rollcall.edge.lifecycle.PrivateDirectory;
import dev.rollcall.edge.lifecycle.Waiter;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.edge.telemetry.Log;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was moved aside, and its erasing in the quiet hours. The time by which files are to be gone
 * is the name of the directory they lie in, so that it survives any end of the process: what is
 * overdue at a start is erased at once; so is all of it when nothing is moved aside any more.
 * Thread-safe.
 */
final class Trash {
  private static final Log LOG = Log.of("directory");

  /** The clock may be set while the loop waits: so long at most it does not notice. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final Path directory;
  private final @Nullable QuietHours hours;
  private final InstantSource clock;
  private final Waiter waiter = new Waiter();
  private final Background eraser;

  /**
   * @param hours null: nothing is moved aside
   */
  Trash(Path directory, @Nullable QuietHours hours, InstantSource clock) {
    this.directory = directory;
    this.hours = hours;
    this.clock = clock;
    this.eraser = new Background("quiet-hours", LOG, this::turn);
  }

  void start() throws IOException {
    if (hours != null) {
      Files.createDirectories(directory);
    }
    if (Files.isDirectory(directory)) {
      eraser.start();
    }
  }

  void stop() throws InterruptedException {
    eraser.stop(Duration.ofSeconds(1));
  }

  /** Where the files of one purge go. */
  final class Bin {
    private final Instant erasedBy;
    private final Path place;

    private Bin(Instant erasedBy) {
      this.erasedBy = erasedBy;
      this.place = directory.resolve(erasedBy.toString().replace(":", ""));
    }

    Instant erasedBy() {
      return erasedBy;
    }

    /** Moves a file aside, at once and whole. */
    boolean take(Path file) throws IOException {
      Path to = place.resolve(UUID.randomUUID().toString());
      while (true) {
        Files.createDirectories(place);
        try {
          Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
          return true;
        } catch (NoSuchFileException e) {
          if (!Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return false;
          }
          // The bin was erased between being made and being used: once more.
        }
      }
    }

    /** Brings to the disk what was moved. */
    void close() throws IOException {
      if (Files.exists(place)) {
        PrivateDirectory.sync(place);
        PrivateDirectory.sync(directory);
      }
      waiter.wake();
    }
  }

  /** Null when nothing is moved aside. */
  @Nullable Bin open() {
    return hours == null ? null : new Bin(hours.current(clock.instant()).end());
  }

  private void turn() throws InterruptedException {
    Instant now = clock.instant();
    if (hours == null) {
      eraseWhere(_ -> true);
      waiter.await(LONGEST_WAIT); // what could not be erased is tried again
      return;
    }
    QuietHours.Window window = hours.current(now);
    eraseWhere(bin -> window.contains(now) || !erasedBy(bin).isAfter(now));
    Instant next = window.contains(now) ? window.end() : window.start();
    Duration left = Duration.between(now, next);
    waiter.await(left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT);
  }

  private void eraseWhere(Predicate<Path> due) throws InterruptedException {
    try {
      for (Path bin : bins()) {
        if (due.test(bin)) {
          erase(bin);
        }
      }
    } catch (IOException e) {
      LOG.warn(
          "what was moved aside cannot be erased",
          "directory",
          directory,
          "reason",
          IoReason.of(e));
    }
  }

  private List<Path> bins() throws IOException {
    List<Path> out = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(out::add);
    }
    return out;
  }

  /** A name that tells no time is overdue: nobody else puts anything here. */
  private static Instant erasedBy(Path bin) {
    try {
      return Instant.parse(
          bin.getFileName().toString().replaceFirst("T([0-9]{2})([0-9]{2})", "T$1:$2:"));
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  private static void erase(Path bin) throws IOException, InterruptedException {
    long erased = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(bin)) {
      for (Path file : files) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Files.deleteIfExists(file);
        erased++;
      }
    }
    Files.deleteIfExists(bin);
    LOG.info("erased what was moved aside", "bin", bin.getFileName(), "objects", erased);
  }
}
