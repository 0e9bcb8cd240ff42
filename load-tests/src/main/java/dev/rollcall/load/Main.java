// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load;

import dev.rollcall.load.scenario.All;
import dev.rollcall.load.scenario.Burst;
import dev.rollcall.load.scenario.Fair;
import dev.rollcall.load.scenario.Fanout;
import dev.rollcall.load.scenario.Fuzz;
import dev.rollcall.load.scenario.Hostile;
import dev.rollcall.load.scenario.Idle;
import dev.rollcall.load.scenario.Latency;
import dev.rollcall.load.scenario.Rosters;
import dev.rollcall.load.scenario.Steady;
import dev.rollcall.load.scenario.WithoutHttp;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The command line: the name of a scenario, then its options. */
@Command(
    name = "load-tests",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    description = "Loads and measures a queue server, and judges what it did.",
    exitCodeOnExecutionException = 3,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:the run kept every promise",
      "1:it broke one; the output says which",
      "2:the command line is wrong",
      "3:the run could not be made or finished"
    },
    subcommands = {
      All.class,
      Burst.class,
      Steady.Plain.class,
      Steady.Churn.class,
      Fanout.class,
      Latency.class,
      Idle.class,
      Rosters.class,
      Fair.class,
      Hostile.class,
      Fuzz.class,
      WithoutHttp.Raw.class,
      WithoutHttp.Floor.class
    })
public final class Main {
  private Main() {}

  /** Everything but leaving the JVM. */
  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
