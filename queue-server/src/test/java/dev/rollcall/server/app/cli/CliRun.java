// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs a subcommand as the operator would, in made-up surroundings. */
final class CliRun {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Map<String, String> environment = new HashMap<>();
  private Screen screen = Screen.NONE;
  private String input = "";
  private Timing.Pause pause = _ -> {};
  private InstantSource clock = InstantSource.fixed(NOW);

  /** How it ended. */
  record Ended(int status, String out, String err, List<Duration> pauses) {}

  @Command(name = "queue-server")
  static final class Root {}

  /** With a token and an address, as an operator has them set. */
  static CliRun against(FakeQueueServer server) {
    return new CliRun()
        .env("ROLLCALL_SERVER", server.uri().toString())
        .env("ROLLCALL_TOKEN", FakeQueueServer.TOKEN);
  }

  static CliRun inEmptyEnvironment() {
    return new CliRun();
  }

  CliRun env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  CliRun without(String name) {
    environment.remove(name);
    return this;
  }

  CliRun input(String text) {
    this.input = text;
    return this;
  }

  CliRun on(Screen wanted) {
    this.screen = wanted;
    return this;
  }

  /** Called instead of letting time pass. */
  CliRun pausing(Timing.Pause instead) {
    this.pause = instead;
    return this;
  }

  CliRun clock(InstantSource wanted) {
    this.clock = wanted;
    return this;
  }

  /** May be called again: each run has streams of its own. */
  Ended run(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    List<Duration> pauses = new ArrayList<>();
    var streams =
        new Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    Timing.Pause noted =
        length -> {
          pauses.add(length);
          pause.pause(length);
        };
    var surroundings =
        new Surroundings(environment, streams, screen, new Timing(clock, noted, new Random(1)));
    var root = new CommandLine(new Root());
    CliCommands.all(surroundings).forEach(command -> root.addSubcommand(command));
    root.setParameterExceptionHandler(new UsageErrors());
    root.setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8));
    int status = root.execute(args);
    return new Ended(
        status,
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8),
        List.copyOf(pauses));
  }
}
