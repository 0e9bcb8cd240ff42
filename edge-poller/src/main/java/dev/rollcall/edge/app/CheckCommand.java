// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.client.CallOutcome;
import dev.rollcall.edge.client.EdgeAnswer;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.config.PollerConfig;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.lifecycle.DirectoryLock;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.lifecycle.Usable;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.protocol.edge.PollRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code check}: looks at everything that a poller needs, and changes nothing. */
@Command(
    name = "check",
    description = {
      "Validates the settings, reaches the queue server and the cache, and prints what it found.",
      "Changes nothing, and may be used while the poller runs."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exit status: 0 all is well, 1 something is wrong."})
final class CheckCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  private boolean ok = true;

  @Override
  public Integer call() throws InterruptedException {
    Optional<PollerConfig> config = options.read(spec.commandLine().getErr());
    if (config.isEmpty()) {
      return 1;
    }
    say(true, "settings", options.where());
    token(config.get().token());
    state(config.get().state());
    server(config.get());
    cache(config.get());
    return ok ? 0 : 1;
  }

  private void say(boolean good, String what, String found) {
    ok &= good;
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-9s %-6s %s%n", what, good ? "ok" : "WRONG", found);
    out.flush();
  }

  private void token(TokenSource token) {
    if (!(token instanceof TokenSource.InFile(Path file))) {
      say(true, "token", "from " + token.where());
      return;
    }
    try {
      boolean open = Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
      say(
          !open,
          "token",
          open ? file + " can be read by every user: chmod 600 it" : "from " + file);
    } catch (IOException e) {
      say(false, "token", IoReason.of(e));
    }
  }

  private void state(Path state) {
    try {
      String holder = Files.isDirectory(state) ? DirectoryLock.heldBy(state) : null;
      if (holder != null) {
        say(true, "state", state + " is held by the poller that runs (" + holder + ")");
      } else {
        Usable usable = Usable.of(state);
        say(usable.ok(), "state", state + " " + usable.words());
      }
    } catch (IOException e) {
      say(false, "state", IoReason.of(e));
    }
  }

  /** A poll that asks for nothing, as another instance: it does not end one that is held. */
  private void server(PollerConfig config) throws InterruptedException {
    Ticker ticker = Ticker.system();
    var self = new PollRequest.PollerInfo(UUID.randomUUID().toString(), Version.text(), null);
    try (var client =
        new QueueClient(config.server(), config.token(), Version.text(), LIMIT, ticker)) {
      CallOutcome<EdgeAnswer> outcome = client.poll(new PollRequest(0, 0, List.of(), self, null));
      say(
          outcome instanceof CallOutcome.Answered<EdgeAnswer>,
          "server",
          config.server() + " " + described(outcome));
    }
  }

  private static String described(CallOutcome<EdgeAnswer> outcome) {
    return switch (outcome) {
      case CallOutcome.Answered<EdgeAnswer> _ -> "answers and accepts the token";
      case CallOutcome.Unauthenticated<EdgeAnswer>(String reason) ->
          "does not accept the token: " + reason;
      case CallOutcome.Throttled<EdgeAnswer>(int status, var _) ->
          "asks to come later: status " + status;
      case CallOutcome.Refused<EdgeAnswer>(int status, boolean byServer, var problems) ->
          byServer
              ? "refuses the poll: status " + status + " " + problems
              : "cannot be used: status " + status + ", but not from a queue server";
      case CallOutcome.Failed<EdgeAnswer>(String reason) -> "cannot be used: " + reason;
    };
  }

  private void cache(PollerConfig config) throws InterruptedException {
    CacheDriver driver = Drivers.of(config.cache(), Clock.systemUTC(), Ticker.system());
    Ticker ticker = Ticker.system();
    long start = ticker.nanos();
    CacheDriver.Check check = driver.check(() -> LIMIT.minus(ticker.since(start)));
    check.findings().forEach(finding -> say(check.ok(), "cache", finding));
    driver.abilities().described().forEach(ability -> say(true, "can", ability));
  }
}
