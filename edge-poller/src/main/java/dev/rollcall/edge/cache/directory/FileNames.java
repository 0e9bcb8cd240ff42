// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import java.util.ArrayList;
import java.util.List;

/**
 * How a normalised path with its query becomes names below the host's directory, and back.
 *
 * <p>A path becomes itself, and a query stays part of the last name. What a file system cannot hold
 * so is marked with braces or bars, which no normalised URL contains:
 *
 * <ul>
 *   <li>{@code /a/} is {@code a/{index}}; an empty segment is the directory {@code {}};
 *   <li>a slash in a query is {@code |};
 *   <li>a name of more than 240 characters is cut into directories that end in {@code {+}};
 *   <li>{@code /a} is {@code a}, or {@code a/{self}} while {@code a} is a directory because of
 *       {@code /a/b}.
 * </ul>
 */
final class FileNames {
  static final String SELF = "{self}";

  private static final String INDEX = "{index}";
  private static final String EMPTY = "{}";
  private static final String CONTINUED = "{+}";
  private static final int LONGEST = 240;

  private FileNames() {}

  /** The names of the directories, and last that of the file. */
  static List<String> of(String pathAndQuery) {
    int question = pathAndQuery.indexOf('?');
    String path = question < 0 ? pathAndQuery : pathAndQuery.substring(0, question);
    List<String> out = directories(path);
    String last = path.substring(path.lastIndexOf('/') + 1);
    String query = question < 0 ? "" : pathAndQuery.substring(question).replace('/', '|');
    add(out, (last.isEmpty() ? INDEX : last) + query);
    return out;
  }

  /** The names of the directories above everything that begins with this path. */
  static List<String> directories(String path) {
    List<String> out = new ArrayList<>();
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length - 1; i++) {
      add(out, segments[i].isEmpty() ? EMPTY : segments[i]);
    }
    return out;
  }

  private static void add(List<String> out, String name) {
    String rest = name;
    while (rest.length() > LONGEST) {
      // What is left is never one or two characters: they could be dots.
      int cut = rest.length() - LONGEST < 3 ? LONGEST - 2 : LONGEST;
      out.add(rest.substring(0, cut) + CONTINUED);
      rest = rest.substring(cut);
    }
    out.add(rest);
  }

  /** The beginning of every URL below a directory; {@code above} is that of its parent. */
  static String below(String above, String directory) {
    if (directory.endsWith(CONTINUED)) {
      return above + unmarked(directory.substring(0, directory.length() - CONTINUED.length()));
    }
    return above + (directory.equals(EMPTY) ? "" : directory) + "/";
  }

  /** The path and query of a file; {@code above} is the beginning that its directory stands for. */
  static String path(String above, String file) {
    return file.equals(SELF) && above.endsWith("/")
        ? above.substring(0, above.length() - 1)
        : above + unmarked(file);
  }

  private static String unmarked(String name) {
    return name.replace(INDEX, "").replace('|', '/');
  }
}
