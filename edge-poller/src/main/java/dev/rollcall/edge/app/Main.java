// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.telemetry.LogLines;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The edge poller. */
@Command(
    name = "edge-poller",
    description =
        "Pulls commands from a Rollcall queue server and executes them on this server's cache.",
    subcommands = {EnrollCommand.class, RunCommand.class, CheckCommand.class, StatusCommand.class},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Exit status: 0 done, 1 something is wrong, 2 wrong use of the command."})
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    LogLines.prepare();
    Locale.setDefault(Locale.ROOT); // what is written is for programs as much as for people
    System.exit(new CommandLine(new Main()).setUsageHelpAutoWidth(true).execute(args));
  }
}
