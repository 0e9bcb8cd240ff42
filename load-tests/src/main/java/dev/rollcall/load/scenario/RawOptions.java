// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.raw.Shape;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The load without HTTP. The defaults are what the ratios are defined on. */
final class RawOptions {
  @Option(names = "--servers", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
  private int servers;

  @Option(names = "--participants", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
  private int participants;

  @Option(
      names = "--origins",
      defaultValue = "4",
      description = "How many participants issue commands, in turns; default: ${DEFAULT-VALUE}.")
  private int origins;

  @Option(
      names = "--group",
      defaultValue = "200",
      description = "Servers in a statement; default: ${DEFAULT-VALUE}.")
  private int group;

  @Option(
      names = "--per-server",
      defaultValue = "10",
      description = "Executions leased at once; default: ${DEFAULT-VALUE}.")
  private int perServer;

  @Option(
      names = "--lanes",
      defaultValue = "2",
      description = "Connections that lease and settle; default: ${DEFAULT-VALUE}.")
  private int lanes;

  @Option(
      names = "--outstanding",
      defaultValue = "20",
      description = "Most commands in the queue; default: ${DEFAULT-VALUE}.")
  private int outstanding;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description = "Commands before the clock starts; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--commands",
      defaultValue = "40",
      description = "Commands that are measured; default: ${DEFAULT-VALUE}.")
  private int commands;

  Shape shape() {
    return new Shape(servers, participants, origins, group, perServer, lanes, outstanding);
  }

  String describe() {
    return String.format(
        Locale.ROOT,
        "%,d servers of %d participants, %d commands,%n"
            + "%d servers and %d executions of each in a batch, %d connections",
        servers,
        participants,
        commands,
        group,
        perServer,
        lanes);
  }

  int warmUp() {
    return warmUp;
  }

  int commands() {
    return commands;
  }
}
