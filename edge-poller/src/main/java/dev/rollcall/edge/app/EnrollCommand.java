// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.client.CallOutcome;
import dev.rollcall.edge.client.EnrolmentAnswer;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.config.EnrolmentConfig;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.lifecycle.Waiter;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.edge.telemetry.LogLines;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code enroll}: exchanges a join token for this server's own token. */
@Command(
    name = "enroll",
    description = {
      "Exchanges a join token for this server's own token, and puts that into its file.",
      "The join token stands in $ROLLCALL_JOIN_TOKEN, or in the file that",
      "$ROLLCALL_JOIN_TOKEN_FILE names. Waits while somebody has to approve; when it is",
      "interrupted, run it again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exit status: 0 enrolled, 1 not enrolled, or with --no-wait not yet."})
final class EnrollCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final int MOST_FAILURES = 10;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "The server to become, such as lax-01.")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String name;

  @Option(
      names = "--replace",
      description = "Also where the token file is there: it is replaced at the end.")
  private boolean replace;

  @Option(names = "--no-wait", description = "Ask once, and end.")
  private boolean noWait;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  private final RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
  private final Waiter waiter = new Waiter();
  private boolean toldToWait;
  private int failures;

  @Override
  public Integer call() throws InterruptedException {
    LogLines.to(System.err, Level.WARNING);
    Optional<EnrolmentConfig> found = options.enrolment(spec.commandLine().getErr());
    TokenSource joinToken = joinToken();
    if (found.isEmpty() || joinToken == null) {
      return 1;
    }
    EnrolmentConfig config = found.get();
    var files = new CredentialFiles(config.tokenFile());
    if (files.isThere() && !replace) {
      return fail(
          config.tokenFile()
              + " is there: this machine is enrolled. To enrol it anew give --replace.");
    }
    try (var client =
        new QueueClient(
            config.server(), joinToken, config.tls(), Version.text(), LIMIT, Ticker.system())) {
      return enrol(client, files, config);
    } catch (IOException e) {
      return fail(config.tokenFile() + " cannot be written: " + IoReason.of(e));
    }
  }

  private @Nullable TokenSource joinToken() {
    String given = System.getenv("ROLLCALL_JOIN_TOKEN");
    String file = System.getenv("ROLLCALL_JOIN_TOKEN_FILE");
    TokenSource source =
        given != null
            ? new TokenSource.Given(given.strip(), "ROLLCALL_JOIN_TOKEN")
            : file != null ? new TokenSource.InFile(Path.of(file)) : null;
    try {
      if (source == null) {
        int _ = fail("ROLLCALL_JOIN_TOKEN or ROLLCALL_JOIN_TOKEN_FILE is needed.");
        return null;
      }
      source.read();
      return source;
    } catch (TokenSource.TokenException e) {
      int _ = fail("The join token cannot be used: " + e.getMessage());
      return null;
    }
  }

  private int enrol(QueueClient client, CredentialFiles files, EnrolmentConfig config)
      throws IOException, InterruptedException {
    String claim = files.takeClaim();
    for (Duration pause = FIRST_PAUSE; ; pause = longer(pause)) {
      switch (client.enroll(name, claim)) {
        case CallOutcome.Answered<EnrolmentAnswer>(var answer, long _) -> {
          failures = 0;
          String token = answer.token();
          if (token != null) {
            files.put(token);
            done(answer, config);
            return 0;
          }
          if (!toldToWait) {
            toldToWait = true;
            say("waiting   for somebody to approve " + answer.server());
          }
        }
        case CallOutcome.Unauthenticated<EnrolmentAnswer>(String reason) -> {
          files.forgetClaim();
          return fail("The queue server does not enrol this machine: " + reason);
        }
        case CallOutcome.Refused<EnrolmentAnswer>(int status, boolean _, var problems) -> {
          files.forgetClaim();
          return fail("The queue server refuses: status " + status + " " + problems);
        }
        case CallOutcome.Throttled<EnrolmentAnswer>(int status, var _) ->
            failed("the queue server asks to come later: status " + status);
        case CallOutcome.Failed<EnrolmentAnswer>(String reason) ->
            failed("the queue server cannot be reached: " + reason);
      }
      if (noWait || failures >= MOST_FAILURES) {
        return fail("Not enrolled yet; run it again.");
      }
      waiter.await(jittered(pause));
    }
  }

  private void failed(String reason) {
    failures++;
    if (failures == 1) {
      say("waiting   " + reason);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  /** From half of it to all of it: machines that were started together do not stay together. */
  private Duration jittered(Duration pause) {
    return pause.dividedBy(2).plusMillis(random.nextLong(pause.toMillis() / 2));
  }

  private void done(EnrolmentAnswer answer, EnrolmentConfig config) {
    say("enrolled  as " + answer.server());
    say("token     in " + config.tokenFile() + ", for its owner only");
    if (!config.isNamed()) {
      say("next      set tokenFile: " + config.tokenFile());
    }
    say("next      edge-poller check, then edge-poller run");
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  private int fail(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
    return 1;
  }
}
