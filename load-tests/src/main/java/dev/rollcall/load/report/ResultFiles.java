// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a scenario's table and plot are kept. */
public record ResultFiles(Path directory) {
  /** Writes {@code NAME.txt} and {@code NAME.svg}. */
  public void write(String name, String text, String svg) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve(name + ".txt"), text);
      Files.writeString(directory.resolve(name + ".svg"), svg);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
