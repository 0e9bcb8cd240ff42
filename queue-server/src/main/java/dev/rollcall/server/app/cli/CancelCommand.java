// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cancel ID}. */
@Command(
    name = "cancel",
    description = {
      "Cancels a command.",
      "What no server is working on ends at once; a server that is at work may still finish. A"
          + " command that has ended stays as it is."
    })
final class CancelCommand extends ClientCommand {
  @Parameters(paramLabel = "ID", description = "The command's id.")
  private String id = "";

  @Option(names = "--json", description = "Print the command as JSON.")
  private boolean json;

  CancelCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  int run(RestClient client) throws InterruptedException {
    Answer.Ok answer = client.sendOrFail(Call.post("v1", "commands", id, "cancel"));
    CommandStatus status = CommandStatus.read(answer.body());
    if (json) {
      out().println(JsonText.of(answer.body()));
    } else if (status.hasEnded()) {
      out().println(status.summary());
    } else {
      out().println(status.state() + ": " + status.totals().details());
    }
    return 0;
  }
}
