// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.journal.Backlog;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.DirectoryLock;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.edge.telemetry.StatusFile;
import dev.rollcall.edge.telemetry.StatusReport;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code status}: what the poller does, or last did. */
@Command(
    name = "status",
    description = {
      "Shows what the poller is doing, its backlog and its last results.",
      "Reads the state directory only, so it works also when the poller does not run."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exit status: 0 it runs and all is well, 1 it does not run, or has a problem."})
final class StatusCommand implements Callable<Integer> {
  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(names = "--json", description = "As the file in the state directory holds it.")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Optional<Path> found = options.state(err);
    if (found.isEmpty()) {
      return 1;
    }
    Path state = found.get();
    try {
      if (!Files.isDirectory(state)) {
        err.println("There is no state directory " + state + ": the poller was never started.");
        err.flush();
        return 1;
      }
      String holder = DirectoryLock.heldBy(state);
      return show(StatusFile.read(state), Journal.peek(state), holder);
    } catch (IOException e) {
      err.println("The state directory " + state + " cannot be read: " + IoReason.of(e));
      err.flush();
      return 1;
    }
  }

  private int show(Optional<StatusReport> report, Backlog backlog, @Nullable String holder) {
    PrintWriter out = spec.commandLine().getOut();
    Instant now = Clock.systemUTC().instant();
    if (json) {
      out.println(report.map(Json.MAPPER::writeValueAsString).orElse("null"));
    } else {
      new StatusView(now).lines(report, backlog, holder).forEach(out::println);
    }
    out.flush();
    return holder != null && report.filter(r -> isWell(r, now)).isPresent() ? 0 : 1;
  }

  private static boolean isWell(StatusReport report, Instant now) {
    return report.isWell() && !report.isStale(now);
  }
}
