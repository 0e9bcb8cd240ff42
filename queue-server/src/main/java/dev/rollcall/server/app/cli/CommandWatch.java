// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Follows one command to its end with long polls. A server that goes away is waited for, however
 * long that takes; one that was never reached only for a moment, because then its address is more
 * likely wrong. Confined to one thread.
 */
public final class CommandWatch {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration ANSWER_LIMIT = WAIT.plusSeconds(15);
  private static final Duration FIRST_CONTACT = Duration.ofSeconds(5);
  private static final Duration TICK = Duration.ofMillis(500);

  /** A command of ten thousand servers changes more often than anybody can look. */
  private static final Duration PACE = Duration.ofMillis(50);

  /** How often an ended command is asked for the time at which it ended, which is noted after. */
  private static final int MOST_LAST_LOOKS = 40;

  private final RestClient client;
  private final Timing timing;
  private final WatchView view;
  private final Backoff backoff;
  private @Nullable CommandStatus last;
  private Instant lastSeen;
  private boolean inTrouble;
  private int lastLooks;

  public CommandWatch(RestClient client, Timing timing, WatchView view) {
    this.client = client;
    this.timing = timing;
    this.view = view;
    this.backoff = new Backoff(timing.random());
    this.lastSeen = timing.clock().instant();
  }

  /**
   * Answers the command as it ended.
   *
   * @throws CommandFailure when the server refuses to show it, or was never reached
   */
  public CommandStatus follow(String id) throws InterruptedException {
    Instant begun = timing.clock().instant();
    try {
      while (true) {
        Answer answer = ask(id);
        if (answer instanceof Answer.Ok ok) {
          CommandStatus status = seen(CommandStatus.read(ok.body()));
          if (status.hasEnded() && isWhole(status)) {
            return status;
          }
          timing.pause().pause(PACE);
        } else {
          retry(answer, begun);
        }
      }
    } finally {
      view.close();
    }
  }

  private boolean isWhole(CommandStatus status) {
    return status.completedAt() != null || ++lastLooks > MOST_LAST_LOOKS;
  }

  private CommandStatus seen(CommandStatus status) {
    if (inTrouble) {
      inTrouble = false;
      view.recovered();
    }
    backoff.reset();
    last = status;
    lastSeen = timing.clock().instant();
    view.changed(status);
    return status;
  }

  private Answer ask(String id) throws InterruptedException {
    Call call = Call.get("v1", "commands", id).limit(ANSWER_LIMIT);
    if (last != null && !last.hasEnded() && !inTrouble) {
      call = call.query("waitSeconds", WAIT.toSeconds()).query("sinceVersion", last.version());
    }
    CompletableFuture<Answer> answer = client.start(call);
    try {
      while (true) {
        try {
          return answer.get(TICK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          view.tick(Duration.between(lastSeen, timing.clock().instant()));
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a call failed in an unforeseen way", e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private void retry(Answer answer, Instant begun) throws InterruptedException {
    boolean hopeless =
        switch (answer) {
          case Answer.Ok _ -> throw new IllegalArgumentException("an answer needs no retry");
          case Answer.Refused refused -> !refused.isTemporary();
          case Answer.Unreachable _ -> last == null && hasPassed(FIRST_CONTACT, begun);
        };
    if (hopeless) {
      client.orFail(answer);
    }
    Duration wait = backoff.next();
    if (answer instanceof Answer.Refused refused && refused.retryAfter().isPresent()) {
      Duration asked = refused.retryAfter().get();
      wait = asked.compareTo(wait) > 0 ? asked : wait;
    }
    if (!inTrouble) {
      inTrouble = true;
      view.trouble(reason(answer) + "; trying again");
    }
    timing.pause().pause(wait);
  }

  private boolean hasPassed(Duration length, Instant since) {
    return !timing.clock().instant().isBefore(since.plus(length));
  }

  private String reason(Answer answer) {
    return switch (answer) {
      case Answer.Unreachable u -> "cannot reach " + client.server() + ": " + u.reason();
      case Answer.Refused refused -> refused.lines().getFirst();
      case Answer.Ok _ -> "";
    };
  }
}
