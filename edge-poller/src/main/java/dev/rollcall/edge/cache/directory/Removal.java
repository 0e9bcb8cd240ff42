// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.HostName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Removes the files of one task. Confined to its thread; the tree may change meanwhile. */
final class Removal {
  /** What is done with a file that is to go. */
  @FunctionalInterface
  interface Disposal {
    /** Answers false if it was gone already. */
    boolean dispose(Path file) throws IOException;
  }

  private final ContentTree tree;
  private final Disposal disposal;
  private final Set<Path> emptied = new LinkedHashSet<>();
  private final List<Path> links = new ArrayList<>();
  private long removed;

  Removal(ContentTree tree, Disposal disposal) {
    this.tree = tree;
    this.disposal = disposal;
  }

  long removed() {
    return removed;
  }

  /** Removes one object. */
  void remove(CacheUrl url) throws IOException {
    Path file = tree.path(url);
    if (tree.fits(url) && tree.reaches(ContentTree.parent(file))) {
      removeFile(file);
    }
  }

  /** Removes what is selected of one host. */
  void remove(HostName host, Selection selection) throws IOException, InterruptedException {
    Path directory = tree.path(host);
    if (tree.reaches(directory)) {
      removeBelow(directory, "/", selection);
    }
  }

  private void removeBelow(Path directory, String above, Selection selection)
      throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    for (Path entry : entries(directory)) {
      String name = entry.getFileName().toString();
      String below = FileNames.below(above, name);
      if (Files.isDirectory(entry, NOFOLLOW_LINKS)) {
        if (selection.reachesBelow(below)) {
          removeBelow(entry, below, selection);
        }
      } else if (selection.holds(FileNames.path(above, name))) {
        removeFile(entry);
      } else if (Files.isDirectory(entry)) {
        removeLink(entry, below, selection);
      }
    }
  }

  /** A link to a directory goes with all that seems to be below it, or else stands in the way. */
  private void removeLink(Path link, String below, Selection selection) throws IOException {
    if (selection.holdsAllBelow(below)) {
      removeFile(link);
    } else if (selection.reachesBelow(below)) {
      links.add(link);
    }
  }

  /** Under the lock, so that no object is on its way into a directory while it is looked for. */
  private List<Path> entries(Path directory) throws IOException {
    return tree.locked(() -> {
      List<Path> out = new ArrayList<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        entries.forEach(out::add);
      } catch (NoSuchFileException | NotDirectoryException e) {
        return List
            .of(); // removed by another task meanwhile; a file in its place is newer than this
      }
      return out;
    });
  }

  /** The file may have become a directory since it was seen; then the object is in it. */
  private void removeFile(Path seen) throws IOException {
    removed +=
        tree.locked(() -> {
          Path file = Files.isDirectory(seen, NOFOLLOW_LINKS) ? seen.resolve(FileNames.SELF) : seen;
          if (!Files.exists(file, NOFOLLOW_LINKS) || !disposal.dispose(file)) {
            return 0;
          }
          emptied.add(ContentTree.parent(file));
          return 1;
        });
  }

  /**
   * Removes directories that became empty, and brings all of it to the disk.
   *
   * @throws ContentTree.LinkException when more might be behind a link
   */
  void finish() throws IOException {
    tree.tidy(emptied);
    if (!links.isEmpty()) {
      throw new ContentTree.LinkException(links.getFirst());
    }
  }
}
