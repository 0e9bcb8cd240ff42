// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import java.util.ArrayList;
import java.util.List;

/**
 * The leases that one thread's edges were given, and what became of them; some 50 bytes each.
 * Written by one thread, read by others only when that one has ended.
 */
public final class LeaseLog {
  private static final int CHUNK = 1 << 16;

  private final List<Chunk> chunks = new ArrayList<>();
  private int size;

  private static final class Chunk {
    private final int[] servers = new int[CHUNK];
    private final int[] commands = new int[CHUNK];
    private final int[] leases = new int[CHUNK];
    private final int[] leaseSeconds = new int[CHUNK];
    private final byte[] outcomes = new byte[CHUNK];
    private final byte[] verdicts = new byte[CHUNK];
    private final byte[] sent = new byte[CHUNK];
    private final long[] polledAt = new long[CHUNK];
    private final long[] leasedAt = new long[CHUNK];
    private final long[] reportedAt = new long[CHUNK];
    private final long[] verdictAt = new long[CHUNK];
  }

  /**
   * An execution was handed out; answers the number of this lease in the log.
   *
   * @param polledAt when the poll left that brought it
   * @param leasedAt when its answer was in
   */
  public int leased(
      int server, int command, long lease, long leaseSeconds, long polledAt, long leasedAt) {
    if (size == chunks.size() * CHUNK) {
      chunks.add(new Chunk());
    }
    int at = size % CHUNK;
    Chunk chunk = chunks.getLast();
    chunk.servers[at] = server;
    chunk.commands[at] = command;
    chunk.leases[at] = Math.toIntExact(lease);
    chunk.leaseSeconds[at] = Math.toIntExact(leaseSeconds);
    chunk.polledAt[at] = polledAt;
    chunk.leasedAt[at] = leasedAt;
    return size++;
  }

  /** Its result was sent; only the first time counts. */
  public void reported(int number, Result result, long at) {
    Chunk chunk = chunks.get(number / CHUNK);
    int i = number % CHUNK;
    chunk.outcomes[i] = (byte) result.number();
    if (chunk.sent[i] == 0) {
      chunk.reportedAt[i] = at;
    }
    chunk.sent[i] = (byte) Math.min(Byte.MAX_VALUE, chunk.sent[i] + 1);
  }

  /** Its result was judged. */
  public void judged(int number, Judgement judgement, long at) {
    Chunk chunk = chunks.get(number / CHUNK);
    chunk.verdicts[number % CHUNK] = (byte) judgement.number();
    chunk.verdictAt[number % CHUNK] = at;
  }

  public int size() {
    return size;
  }

  public int serverOf(int number) {
    return chunks.get(number / CHUNK).servers[number % CHUNK];
  }

  public int commandOf(int number) {
    return chunks.get(number / CHUNK).commands[number % CHUNK];
  }

  public Result resultOf(int number) {
    return Result.of(chunks.get(number / CHUNK).outcomes[number % CHUNK]);
  }

  /** One lease as it stands. */
  public Lease get(int number) {
    Chunk c = chunks.get(number / CHUNK);
    int i = number % CHUNK;
    return new Lease(
        c.servers[i],
        c.commands[i],
        c.leases[i],
        c.leaseSeconds[i],
        Result.of(c.outcomes[i]),
        Judgement.of(c.verdicts[i]),
        c.sent[i],
        c.polledAt[i],
        c.leasedAt[i],
        c.reportedAt[i],
        c.verdictAt[i]);
  }
}
