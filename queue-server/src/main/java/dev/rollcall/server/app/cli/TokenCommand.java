// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code token}: only a name for its subcommands. */
@Command(name = "token", description = "Makes tokens.", usageHelpAutoWidth = true)
final class TokenCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before run()
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this and exit.")
  boolean helpWanted;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "token needs a subcommand: create");
  }
}
