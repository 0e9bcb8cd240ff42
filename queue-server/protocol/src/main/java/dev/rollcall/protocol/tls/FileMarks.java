// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * By what it is seen that files were changed: equal while none was. A link that leads elsewhere is
 * a change of the file.
 */
public record FileMarks(List<String> marks) {
  /** As they are now; one that is missing, or cannot be looked at, is marked as such. */
  public static FileMarks of(List<Path> files) {
    List<String> marks = new ArrayList<>();
    for (Path file : files) {
      try {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        marks.add(
            attributes.fileKey()
                + " "
                + attributes.size()
                + " "
                + attributes.lastModifiedTime().toInstant());
      } catch (IOException e) {
        marks.add("none");
      }
    }
    return new FileMarks(List.copyOf(marks));
  }
}
