// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a poller was doing at one moment, as it is written to the state directory.
 *
 * @param state a word of {@link State}
 * @param problem the last thing that went wrong with the queue server or the journal; null once it
 *     goes well again
 * @param cacheTrouble null while the cache can be reached, as far as is known
 * @param running executions that the cache is at work on, longest first, at most {@link
 *     StatusBoard#MOST_RUNNING}
 * @param runningCount all of them
 * @param queued leased, but not begun
 * @param owed results without a verdict
 * @param ended results by outcome, since the start
 * @param last the last results, newest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StatusReport(
    long pid,
    String version,
    String instance,
    Instant startedAt,
    Instant writtenAt,
    String server,
    String cache,
    String state,
    Instant stateSince,
    @Nullable Instant answeredAt,
    @Nullable String problem,
    @Nullable Instant problemAt,
    @Nullable CacheTrouble cacheTrouble,
    int capacity,
    List<Running> running,
    int runningCount,
    int queued,
    int owed,
    Map<String, Long> ended,
    List<Ended> last) {

  /**
   * The cache cannot be reached, and no work is taken for it.
   *
   * @param reason what the last attempt met
   * @param probeAt when it is asked next
   */
  public record CacheTrouble(Instant since, String reason, Instant probeAt) {}

  /** One execution under way. */
  public record Running(String command, long lease, String operation, Instant since) {}

  /** One result. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Ended(
      Instant at,
      String command,
      long lease,
      String operation,
      String outcome,
      @Nullable String code,
      @Nullable Long objects,
      @Nullable Long millis,
      @Nullable String message) {}

  /** Whether nothing is known to be wrong. */
  public boolean isWell() {
    return problem == null && cacheTrouble == null;
  }

  /** Written at least so often while the poller runs. */
  public static final Duration HEARTBEAT = Duration.ofSeconds(30);

  /** Whether a poller that runs would have written a newer one. */
  public boolean isStale(Instant now) {
    return writtenAt.plus(HEARTBEAT.multipliedBy(3)).isBefore(now);
  }

  /** What the poll loop does. */
  public enum State {
    STARTING("starting"),
    /** A poll is on its way, or is held by the server. */
    POLLING("waiting for work"),
    /** All places are taken. */
    FULL("at work on as much as it may"),
    /** Polls only for news: there is no cache to work on. */
    CACHE_LOST("waiting for the cache"),
    /** Waits before it tries again. */
    BACKING_OFF("waiting to try again"),
    /** The server does not know this poller. */
    HIBERNATING("not accepted by the server; trying now and then"),
    STOPPING("stopping"),
    STOPPED("stopped");

    private final String words;

    State(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }
}
