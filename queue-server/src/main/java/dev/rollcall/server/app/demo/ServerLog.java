// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * While it is open, what the server in this process logs to standard output and error goes to a
 * file: lines between two drawings of a progress bar would tear it apart. The demo itself writes to
 * the streams it was given.
 */
final class ServerLog implements AutoCloseable {
  private final PrintStream out;
  private final PrintStream err;
  private final PrintStream file;

  private ServerLog(PrintStream out, PrintStream err, PrintStream file) {
    this.out = out;
    this.err = err;
    this.file = file;
  }

  static ServerLog to(Path path) {
    try {
      var file = new PrintStream(Files.newOutputStream(path), true, StandardCharsets.UTF_8);
      var log = new ServerLog(System.out, System.err, file);
      System.setOut(file);
      System.setErr(file);
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    System.setOut(out);
    System.setErr(err);
    file.close();
  }
}
