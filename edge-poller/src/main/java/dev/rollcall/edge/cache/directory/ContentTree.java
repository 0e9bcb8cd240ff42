// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.rollcall.edge.lifecycle.PrivateDirectory;
import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.SelectorException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The files below the root. Thread-safe: names are given and directories removed under one lock, so
 * that a directory cannot vanish between being made and being used.
 */
final class ContentTree {
  /** Linux takes paths of up to 4,095 bytes; the rest is for what is added while moving. */
  static final int LONGEST_PATH = 4_000;

  /** More often than this a directory is not replaced while it is looked at. */
  private static final int MOST_SYNCS = 10;

  private static final String OWN = ".rollcall";

  /** A symbolic link stands where a directory or file of the cache should be. */
  static final class LinkException extends IOException {
    private static final long serialVersionUID = 1L;

    LinkException(Path link) {
      super(link + " is a symbolic link, and links are not followed");
    }
  }

  /** What is done under the lock. */
  @FunctionalInterface
  interface Locked<T> {
    T run() throws IOException;
  }

  private final Path root;
  private final ReentrantLock structure = new ReentrantLock();

  /**
   * @param root without symbolic links
   */
  ContentTree(Path root) {
    this.root = root;
  }

  /** Where the poller keeps what is no content. No host is called so. */
  Path own(String name) {
    return root.resolve(OWN).resolve(name);
  }

  boolean isThere() {
    return Files.isDirectory(root.resolve(OWN), NOFOLLOW_LINKS);
  }

  /** Looks at the rights, and at whether the file system takes any writes at all. */
  boolean isWritable() {
    return Files.isWritable(root) && Files.isWritable(root.resolve(OWN));
  }

  /** The hosts that have a directory. */
  List<HostName> hosts() throws IOException {
    List<HostName> out = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        try {
          HostName host = HostName.parse(name);
          if (host.name().equals(name)) {
            out.add(host);
          }
        } catch (SelectorException e) {
          // Not a host's name, so not ours.
        }
      }
    }
    return out;
  }

  /** Whether the URL's file has a path that the file system takes. */
  boolean fits(CacheUrl url) {
    return path(url).toString().length() + FileNames.SELF.length() < LONGEST_PATH;
  }

  Path path(CacheUrl url) {
    return resolve(path(url.host()), FileNames.of(url.pathAndQuery()));
  }

  Path path(HostName host) {
    return root.resolve(host.name());
  }

  private static Path resolve(Path from, List<String> names) {
    Path at = from;
    for (String name : names) {
      at = at.resolve(name);
    }
    return at;
  }

  /** Whether every directory from the host's down to this one is there, and none is a link. */
  boolean reaches(Path directory) throws IOException {
    Path at = root;
    for (Path name : root.relativize(directory)) {
      at = at.resolve(name);
      if (Files.isSymbolicLink(at)) {
        throw new LinkException(at);
      }
      if (!Files.isDirectory(at, NOFOLLOW_LINKS)) {
        return false;
      }
    }
    return true;
  }

  /** Begins to remove files. */
  Removal removal(Removal.Disposal disposal) {
    return new Removal(this, disposal);
  }

  /** Runs something while no file is being given its name and no directory is removed. */
  <T> T locked(Locked<T> action) throws IOException {
    structure.lock();
    try {
      return action.run();
    } finally {
      structure.unlock();
    }
  }

  /** Removes directories that became empty, and brings to the disk that something went. */
  void tidy(Set<Path> emptied) throws IOException {
    var changed = new LinkedHashSet<Path>();
    for (Path directory : emptied) {
      changed.add(pruned(directory));
    }
    sync(changed);
  }

  private static void sync(Set<Path> changed) throws IOException {
    for (Path directory : changed) {
      for (int left = MOST_SYNCS; !synced(directory, left); left--) {}
    }
  }

  /**
   * A directory may be removed by another task meanwhile, which sees to its parent, and a file or
   * another directory be in its place. Whether it was gone cannot be told from the exception.
   */
  private static boolean synced(Path directory, int left) throws IOException {
    try {
      PrivateDirectory.sync(directory);
      return true;
    } catch (FileSystemException e) {
      if (left == 0) {
        throw e;
      }
      return !Files.isDirectory(directory, NOFOLLOW_LINKS);
    }
  }

  /**
   * Answers the nearest directory that stays. Where one was, another task may have placed a file
   * meanwhile, which is newer than what was removed.
   */
  private Path pruned(Path directory) throws IOException {
    structure.lock();
    try {
      Path at = directory;
      while (!at.equals(root)) {
        try {
          if (Files.isDirectory(at, NOFOLLOW_LINKS)) {
            Files.delete(at);
          }
        } catch (DirectoryNotEmptyException e) {
          return at;
        }
        at = parent(at);
      }
      return at;
    } finally {
      structure.unlock();
    }
  }

  /**
   * Gives a finished file the name of its URL, unless {@code stillWanted} says no at that moment.
   *
   * @return whether it was placed
   */
  boolean place(Path finished, CacheUrl url, BooleanSupplier stillWanted) throws IOException {
    var changed = new LinkedHashSet<Path>();
    structure.lock();
    try {
      if (!stillWanted.getAsBoolean()) {
        return false;
      }
      Path file = path(url);
      makeDirectories(parent(file), changed);
      if (Files.isDirectory(file, NOFOLLOW_LINKS)) {
        file = file.resolve(FileNames.SELF);
      }
      move(finished, file);
      changed.add(parent(file));
    } finally {
      structure.unlock();
    }
    sync(changed);
    return true;
  }

  private void makeDirectories(Path directory, Set<Path> changed) throws IOException {
    Path at = root;
    for (Path name : root.relativize(directory)) {
      Path above = at;
      at = at.resolve(name);
      if (Files.isSymbolicLink(at)) {
        throw new LinkException(at);
      }
      if (Files.isDirectory(at, NOFOLLOW_LINKS)) {
        continue;
      }
      Path self = Files.exists(at, NOFOLLOW_LINKS) ? asideOf(at) : null;
      createDirectory(at);
      if (self != null) {
        move(self, at.resolve(FileNames.SELF));
      }
      changed.add(above);
    }
  }

  /** The object {@code /a} must give way to the directory for {@code /a/b}, and move into it. */
  private Path asideOf(Path file) throws IOException {
    Path aside = own("tmp").resolve(java.util.UUID.randomUUID().toString());
    move(file, aside);
    return aside;
  }

  private static void createDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory, NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(to + " is on another file system than " + from, e);
    }
  }

  static Path parent(Path path) {
    @Nullable Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " has no directory");
    }
    return parent;
  }
}
