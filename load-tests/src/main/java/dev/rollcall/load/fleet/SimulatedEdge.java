// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.Judgement;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.history.Result;
import dev.rollcall.load.http.Target;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * What one edge knows: the leases whose results it owes, and what it says with its next poll. No
 * sockets here. Confined to the fleet's thread.
 */
final class SimulatedEdge implements PollReader.Listener {
  private static final byte[] COMMAND = ascii("{\"command\":\"");
  private static final byte[] LEASE = ascii("\",\"lease\":");
  private static final byte[] OUTCOME = ascii(",\"outcome\":\"");
  private static final byte[] NO_RETRY = ascii("\",\"retry\":false}");
  private static final byte[] ITEM_END = ascii("\"}");

  private final EdgeIdentity identity;
  private final Behaviour behaviour;
  private final CommandLog commands;
  private final LeaseLog leases;
  private final RequestBuffer request;
  private final byte[] tail;

  private int[] owed = new int[16];
  private long[] owedLease = new long[16];
  private String[] owedCommand = new String[16];
  private int owing;

  /** How many of the owed results the poll under way carries. */
  private int reporting;

  private long polledAt;
  private long answeredAt;
  private int ended;

  SimulatedEdge(
      EdgeIdentity identity,
      String instance,
      Behaviour behaviour,
      Target target,
      CommandLog commands,
      LeaseLog leases) {
    this.identity = identity;
    this.behaviour = behaviour;
    this.commands = commands;
    this.leases = leases;
    this.request = new RequestBuffer(ascii(target.head("POST", "/v1/edge/poll", identity.token())));
    this.tail = ascii("],\"poller\":{\"instance\":\"" + instance + "\",\"version\":\"load\"}}");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  boolean owes() {
    return owing > 0;
  }

  /** The poll under way brought nothing: what it carried is still owed. */
  void notAnswered() {
    reporting = 0;
  }

  /**
   * The next poll, with all results that are owed.
   *
   * @param lastOne only report: neither lease nor wait
   */
  ByteBuffer poll(long now, boolean lastOne) {
    polledAt = now;
    reporting = owing;
    request.begin();
    request.text("{\"capacity\":");
    request.number(lastOne ? 0 : behaviour.capacity());
    request.text(",\"waitSeconds\":");
    request.number(lastOne ? 0 : waitSeconds());
    request.text(",\"results\":[");
    for (int i = 0; i < owing; i++) {
      if (i > 0) {
        request.text(",");
      }
      item(i, now);
    }
    request.text(tail);
    return request.finish();
  }

  private int waitSeconds() {
    return owing > 0
        ? Math.min(Behaviour.REPORT_WAIT_SECONDS, behaviour.waitSeconds())
        : behaviour.waitSeconds();
  }

  private void item(int i, long now) {
    int number = owed[i];
    Result result = behaviour.resultOf(identity.number(), leases.commandOf(number), owedLease[i]);
    request.text(COMMAND);
    request.text(owedCommand[i]);
    request.text(LEASE);
    request.number(owedLease[i]);
    request.text(OUTCOME);
    request.text(result.wire());
    request.text(result == Result.FAILED ? NO_RETRY : ITEM_END);
    leases.reported(number, result, now);
  }

  /** An answer is about to be read. */
  void answering(long now) {
    answeredAt = now;
    ended = 0;
  }

  /**
   * An answer was read: what was reported with its poll is not owed any more. Answers how many
   * executions ended by it.
   */
  int answered() {
    System.arraycopy(owed, reporting, owed, 0, owing - reporting);
    System.arraycopy(owedLease, reporting, owedLease, 0, owing - reporting);
    System.arraycopy(owedCommand, reporting, owedCommand, 0, owing - reporting);
    owing -= reporting;
    reporting = 0;
    return ended;
  }

  @Override
  public void verdict(int position, String command, long lease, Judgement judgement) {
    if (position >= reporting
        || owedLease[position] != lease
        || !owedCommand[position].equals(command)) {
      throw new IllegalStateException(
          "%s: verdict %d is on %s under lease %d; its poll reported %s"
              .formatted(
                  identity,
                  position + 1,
                  command,
                  lease,
                  position >= reporting
                      ? reporting + " results"
                      : owedCommand[position] + " under " + owedLease[position] + " there"));
    }
    int number = owed[position];
    leases.judged(number, judgement, answeredAt);
    // A duplicate was accepted in an answer that got lost: it is told once, and is news then.
    boolean counted = judgement == Judgement.ACCEPTED || judgement == Judgement.DUPLICATE;
    if (counted && leases.resultOf(number).ends()) {
      ended++;
    }
  }

  @Override
  public void execution(String command, long lease, long leaseSeconds) {
    if (owing == owed.length) {
      owed = Arrays.copyOf(owed, owing * 2);
      owedLease = Arrays.copyOf(owedLease, owing * 2);
      owedCommand = Arrays.copyOf(owedCommand, owing * 2);
    }
    int number = commands.number(UUID.fromString(command));
    owed[owing] =
        leases.leased(identity.number(), number, lease, leaseSeconds, polledAt, answeredAt);
    owedLease[owing] = lease;
    owedCommand[owing] = command;
    owing++;
  }
}
