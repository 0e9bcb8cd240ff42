// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.raw.Shape;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The load without HTTP. */
final class RawOptions {
  @Option(names = "--servers", description = "Default: ${DEFAULT-VALUE}.")
  private int servers = Shape.STANDARD.servers();

  @Option(names = "--participants", description = "Default: ${DEFAULT-VALUE}.")
  private int participants = Shape.STANDARD.participants();

  @Option(
      names = "--origins",
      description = "How many participants issue commands, in turns; default: ${DEFAULT-VALUE}.")
  private int origins = Shape.STANDARD.origins();

  @Option(names = "--group", description = "Servers in a statement; default: ${DEFAULT-VALUE}.")
  private int group = Shape.STANDARD.group();

  @Option(
      names = "--per-server",
      description = "Executions leased at once; default: ${DEFAULT-VALUE}.")
  private int perServer = Shape.STANDARD.perServer();

  @Option(
      names = "--lanes",
      description = "Connections that lease and settle; default: ${DEFAULT-VALUE}.")
  private int lanes = Shape.STANDARD.lanes();

  @Option(
      names = "--outstanding",
      description = "Most commands in the queue; default: ${DEFAULT-VALUE}.")
  private int outstanding = Shape.STANDARD.outstanding();

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
