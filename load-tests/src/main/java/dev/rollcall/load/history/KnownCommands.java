// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the database holds of a run's commands, by their number in the run. Confined. */
final class KnownCommands {
  private final @Nullable CommandFacts[] byNumber;

  KnownCommands(int size) {
    byNumber = new CommandFacts[size];
  }

  void add(CommandFacts command) {
    byNumber[command.number()] = command;
  }

  /** How many the run saw, also those that the database does not hold. */
  int size() {
    return byNumber.length;
  }

  /** Null: the database holds none of this number. */
  @Nullable CommandFacts find(int number) {
    return byNumber[number];
  }

  List<CommandFacts> all() {
    List<CommandFacts> all = new ArrayList<>();
    for (CommandFacts command : byNumber) {
      if (command != null) {
        all.add(command);
      }
    }
    return all;
  }
}
