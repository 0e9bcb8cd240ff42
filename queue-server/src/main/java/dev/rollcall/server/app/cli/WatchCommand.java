// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code watch ID}. */
@Command(
    name = "watch",
    description = {
      "Shows the progress of a command until it has ended.",
      "On a terminal a bar for each participant, in a pipe a line for each change. A server that"
          + " restarts meanwhile is waited for. Exit status 0: complete or processed."
    })
final class WatchCommand extends ClientCommand {
  @Parameters(paramLabel = "ID", description = "The command's id.")
  private String id = "";

  @Option(
      names = "--json",
      description = "At the end print the command as JSON; the progress goes to standard error.")
  private boolean json;

  WatchCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  int run(RestClient client) throws InterruptedException {
    return Watching.follow(client, id, surroundings(), json);
  }
}
