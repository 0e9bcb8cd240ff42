// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The answer to a {@link PollRequest}.
 *
 * @param results a verdict for each result sent, in that order
 * @param executions leased to this server, in the order in which those of one key are to run
 * @param cancelled leases this server holds whose command was cancelled meanwhile
 * @param pollAfterSeconds above 0: wait that long, plus up to a quarter at random, unless there are
 *     results to send
 * @param resync present after executions expired without ever having been handed out
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PollAnswer(
    List<VerdictItem> results,
    List<Execution> executions,
    List<LeaseRef> cancelled,
    int pollAfterSeconds,
    @Nullable Resync resync) {
  public PollAnswer {
    results = List.copyOf(results);
    executions = List.copyOf(executions);
    cancelled = List.copyOf(cancelled);
  }

  /**
   * @param command the result's command
   * @param lease the result's lease number
   * @param verdict a word of {@link Verdict}
   */
  public record VerdictItem(String command, long lease, String verdict) {}

  /**
   * One command to execute on this server, under a lease.
   *
   * @param command the command's id, the same everywhere in the federation
   * @param lease the fencing token: the result must carry it
   * @param attempt counts from 1; lapsed leases count, released ones do not
   * @param operation the operation's name
   * @param parameters the operation's parameters, normalised
   * @param configuration what it acts within; null for an operation that acts within none
   * @param orderingKey executions of one key run one after the other; {@code ""}: no order
   * @param leaseSeconds what remains of the lease at the time of the answer; count from receipt
   * @param deadlineSeconds what remains until the command's deadline
   * @param degrade {@code widen} when it may be carried out wider than asked, else {@code refuse}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Execution(
      String command,
      long lease,
      int attempt,
      String operation,
      JsonNode parameters,
      @Nullable Configuration configuration,
      String orderingKey,
      long leaseSeconds,
      long deadlineSeconds,
      @Nullable String degrade) {}

  /**
   * @param name {@code participant/configuration}
   * @param hosts the DNS names it serves, {@code *.} in front allowed
   */
  public record Configuration(String name, List<String> hosts) {
    public Configuration {
      hosts = List.copyOf(hosts);
    }
  }

  /** A lease by its command and number. */
  public record LeaseRef(String command, long lease) {}

  /**
   * @param id to be sent back as {@link PollRequest#resynced} once the caches are safe
   * @param since from when on commands were missed
   * @param missed how many
   */
  public record Resync(String id, Instant since, long missed) {}
}
