// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.PrintStream;

/** Follows a command in front of an operator and says how it ended. */
final class Watching {
  private Watching() {}

  /**
   * @param json the whole command goes to standard output at the end, so progress must not
   * @return the exit status
   */
  static int follow(RestClient client, String id, Surroundings surroundings, boolean json)
      throws InterruptedException {
    Streams streams = surroundings.streams();
    PrintStream words = json ? streams.err() : streams.out();
    WatchView view = json ? new PlainView(words, words) : LiveView.on(surroundings);
    CommandStatus ended = new CommandWatch(client, surroundings.timing(), view).follow(id);
    if (json) {
      streams.out().println(JsonText.of(client.sendOrFail(Call.get("v1", "commands", id)).body()));
    } else {
      Screen.Colour colour = ended.isGood() ? Screen.Colour.GOOD : Screen.Colour.BAD;
      words.println(surroundings.screen().paint(colour, ended.summary()));
    }
    if (!ended.isGood()) {
      EndReasons.of(client, ended).forEach(words::println);
    }
    return ended.isGood() ? 0 : 1;
  }
}
