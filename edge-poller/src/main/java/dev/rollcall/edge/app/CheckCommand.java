// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.client.CallOutcome;
import dev.rollcall.edge.client.EdgeAnswer;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.config.PollerConfig;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.DirectoryLock;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.lifecycle.Usable;
import dev.rollcall.edge.lifecycle.WriteTrial;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.protocol.edge.PollRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code check}: looks at everything that a poller needs, and leaves nothing changed. */
@Command(
    name = "check",
    description = {
      "Validates the settings, reaches the queue server and the cache, and prints what it found.",
      "Leaves nothing changed, and may be used while the poller runs."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exit status: 0 all is well, 1 something is wrong."})
final class CheckCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** At its start a poller writes its journal anew, beside the old one. */
  private static final long JOURNAL_ROOM = 64 << 10;

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
    String exposure = token.exposure();
    say(exposure == null, "token", exposure == null ? "from " + token.where() : exposure);
  }

  private void state(Path state) {
    try {
      String holder = Files.isDirectory(state) ? DirectoryLock.heldBy(state) : null;
      Usable usable = Usable.of(state);
      String found =
          holder == null
              ? state + " " + usable.words()
              : state + " is held by the poller that runs (" + holder + ")";
      String trouble = usable.ok() ? noRoom(state) : null;
      say(usable.ok() && trouble == null, "state", trouble == null ? found : trouble);
    } catch (IOException e) {
      say(false, "state", IoReason.of(e));
    }
  }

  /** Why the journal could not be written there; null when it could. */
  private static @Nullable String noRoom(Path state) throws IOException {
    if (!Files.isDirectory(state)) {
      long free = WriteTrial.freeAbove(state);
      return free >= JOURNAL_ROOM ? null : state + " would be on a disk that is full";
    }
    try {
      WriteTrial.run(state, Journal.size(state) + JOURNAL_ROOM);
      return null;
    } catch (IOException e) {
      return state + " cannot be written: " + IoReason.of(e);
    }
  }

  /** A poll that asks for nothing, as another instance: it does not end one that is held. */
  private void server(PollerConfig config) throws InterruptedException {
    Ticker ticker = Ticker.system();
    var self = new PollRequest.PollerInfo(UUID.randomUUID().toString(), Version.text(), null);
    try (var client =
        new QueueClient(
            config.server(), config.token(), config.tls(), Version.text(), LIMIT, ticker)) {
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
