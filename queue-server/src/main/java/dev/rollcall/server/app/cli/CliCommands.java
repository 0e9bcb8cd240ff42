// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.List;
import picocli.CommandLine;

/** All subcommands that are clients. */
public final class CliCommands {
  private CliCommands() {}

  /** Each once, in the order of the help. */
  public static List<CommandLine> all(Surroundings surroundings) {
    var token = new CommandLine(new TokenCommand());
    token.addSubcommand(new TokenCreateCommand(surroundings));
    return List.of(
        new CommandLine(new ApplyCommand(surroundings)),
        token,
        new CommandLine(new SubmitCommand(surroundings)),
        new CommandLine(new WatchCommand(surroundings)),
        new CommandLine(new CancelCommand(surroundings)),
        new CommandLine(new ReportCommand(surroundings)));
  }
}
