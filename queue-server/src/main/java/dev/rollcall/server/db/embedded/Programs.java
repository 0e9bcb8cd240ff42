// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs PostgreSQL's programs to their end. They refuse to run as root, so as root they are given a
 * user namespace in which they are not.
 */
final class Programs {
  private final Binaries binaries;
  private final Path log;

  Programs(Binaries binaries, Path log) {
    this.binaries = binaries;
    this.log = log;
  }

  /**
   * @throws EmbeddedException when it cannot be run, takes too long or ends with a failure; the
   *     message holds the last line it printed
   */
  void run(Duration limit, String program, List<String> arguments) {
    int status = status(limit, program, arguments);
    if (status != 0) {
      throw new EmbeddedException(
          program + " failed with status " + status + "; what it said is in " + log);
    }
  }

  int status(Duration limit, String program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("unshare", "--user"));
    }
    command.add(binaries.program(program).toString());
    command.addAll(arguments);
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      // Nothing of this process's environment, and so none of its secrets, is PostgreSQL's
      // business.
      builder.environment().keySet().retainAll(List.of("PATH", "HOME", "TMPDIR"));
      builder.environment().put("LC_ALL", "C");
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new EmbeddedException(
            program + " did not end within " + limit.toSeconds() + " s; see " + log);
      }
      return process.exitValue();
    } catch (IOException e) {
      throw new EmbeddedException(command.getFirst() + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException(program + " was interrupted", e);
    }
  }
}
