// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A command's options, with the defaults filled in.
 *
 * @param orderingKey {@code ""}: no order
 * @param lane {@code urgent}, {@code normal} or {@code bulk}
 * @param notBefore null: at once
 * @param deadlineSeconds from acceptance, or from notBefore
 * @param leaseSeconds how long a lease lasts
 * @param maxAttempts leases that may be given
 * @param partial whether what is forbidden ends rejected, or refuses the whole
 * @param degrade {@code refuse} or {@code widen}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Options(
    String orderingKey,
    String lane,
    @Nullable Instant notBefore,
    int deadlineSeconds,
    int leaseSeconds,
    int maxAttempts,
    boolean partial,
    String degrade) {
  private static final List<String> LANES = List.of("urgent", "normal", "bulk");
  private static final Duration FARTHEST = Duration.ofDays(30);
  private static final int LONGEST_DEADLINE = 2_592_000;

  /** What was given; null: not given. */
  record Given(
      @Nullable String orderingKey,
      @Nullable String lane,
      @Nullable Instant notBefore,
      @Nullable Integer deadlineSeconds,
      @Nullable Integer leaseSeconds,
      @Nullable Integer maxAttempts,
      @Nullable Boolean partial,
      @Nullable String degrade) {
    static final Given NONE = new Given(null, null, null, null, null, null, null, null);

    /** Whether one refused server refuses the command. */
    boolean isWhole() {
      return Boolean.FALSE.equals(partial);
    }

    /** The options, once it is known what the defaults depend on. */
    Options complete(String operation, @Nullable String configuration) {
      return new Options(
          orderingKey != null ? orderingKey : configuration == null ? "" : configuration,
          lane != null ? lane : operation.equals("load") ? "bulk" : "normal",
          notBefore,
          Objects.requireNonNullElse(deadlineSeconds, 86_400),
          Objects.requireNonNullElse(leaseSeconds, 60),
          Objects.requireNonNullElse(maxAttempts, 5),
          Objects.requireNonNullElse(partial, true),
          Objects.requireNonNullElse(degrade, "refuse"));
    }
  }

  static Given read(Fields body, Instant now) {
    Fields options = body.object("options");
    if (options == null) {
      return Given.NONE;
    }
    String key = options.text("orderingKey", 200);
    if (key != null && key.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      options.problem(
          "orderingKey", "is " + Problems.shown(key) + "; control characters are not allowed");
    }
    Instant notBefore = options.instant("notBefore");
    if (notBefore != null && notBefore.isAfter(now.plus(FARTHEST))) {
      options.problem("notBefore", "lies more than 30 days ahead");
    }
    var given =
        new Given(
            key,
            options.word("lane", LANES),
            notBefore == null || !notBefore.isAfter(now) ? null : notBefore,
            options.integer("deadlineSeconds", 1, LONGEST_DEADLINE),
            options.integer("leaseSeconds", 1, 3_600),
            options.integer("maxAttempts", 1, 100),
            options.bool("partial"),
            options.word("degrade", List.of("refuse", "widen")));
    options.done();
    return given;
  }

  int laneNumber() {
    return LANES.indexOf(lane);
  }
}
