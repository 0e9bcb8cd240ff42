// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.db.ArraysInJdbi;
import dev.rollcall.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Participants, servers and commands in a test's database, and the core's steps on a handle of the
 * test's own, so that two can be interleaved.
 */
final class QueueFixture {
  static final short CELL = 0;

  static final QueueListener NOBODY =
      new QueueListener() {
        @Override
        public void wake(Collection<Integer> serverIds) {}

        @Override
        public void cancelled(int serverId, Exchange.Held lease) {}

        @Override
        public void missed(Collection<Integer> serverIds) {}

        @Override
        public void completed(Collection<Long> seqs) {}
      };

  private final CommandIndex index = new CommandIndex();

  /** Options of a command, with the product's defaults. */
  record Options(
      int lane,
      int origin,
      long key,
      int leaseSeconds,
      int maxAttempts,
      double deadlineSeconds,
      int payloadBytes) {
    static final Options DEFAULT = new Options(1, 1, 7, 60, 5, 86_400, 300);

    Options lane(int lane) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }

    Options origin(int origin) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }

    Options key(long key) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }

    Options lease(int leaseSeconds) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }

    Options attempts(int maxAttempts) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }

    Options deadline(double deadlineSeconds) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }

    Options payload(int payloadBytes) {
      return new Options(
          lane, origin, key, leaseSeconds, maxAttempts, deadlineSeconds, payloadBytes);
    }
  }

  QueueFixture(TestDatabase database) {
    ArraysInJdbi.register(database.jdbi());
    database
        .jdbi()
        .useHandle(handle -> {
          handle.execute("select make_result_partition(current_date - 1)");
          handle.execute("select make_result_partition(current_date)");
          handle.execute("select make_result_partition(current_date + 1)");
        });
  }

  CommandIndex index() {
    return index;
  }

  /** Servers 1 to n belong to participant 1. */
  static QueueServer server(int id) {
    return new QueueServer(id, (short) 1, CELL);
  }

  QueuedCommand submit(Handle handle, Options options, int... servers) {
    return handle.isInTransaction()
        ? submitInTransaction(handle, options, servers)
        : handle.inTransaction(h -> submitInTransaction(h, options, servers));
  }

  private QueuedCommand submitInTransaction(Handle handle, Options options, int[] servers) {
    FanOut.lockKeys(handle, List.of(options.key));
    return place(handle, options, servers);
  }

  /** What follows the locking of the key. */
  QueuedCommand place(Handle handle, Options options, int... servers) {
    QueuedCommand command = command(handle, options, servers.length);
    int[] sorted = Arrays.stream(servers).sorted().toArray();
    FanOut.enqueue(
        handle,
        List.of(
            new Enqueued(
                command.seq(),
                command.track(),
                List.of(new Enqueued.Part(CELL, (short) 1, sorted, sorted, List.of())),
                true)));
    return command;
  }

  /** Only the command, without its executions. */
  QueuedCommand command(Handle handle, Options options, int targeted) {
    long seq = FanOut.takePlaces(handle, 1);
    UUID id = UUID.randomUUID();
    handle
        .createUpdate(
            """
            insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
              ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, deadline_at, queued_at, upkeep_at)
            values (:seq, :id, :origin, 'test', 'purge', '{}', '{}', '{}', case when :key = 0 then '' else 'k' end, :key,
              :lane, :lease, :attempts, :payload, :targeted, clock_timestamp() + make_interval(secs => :deadline),
              clock_timestamp(), clock_timestamp() + interval '1 day')
            """)
        .bind("seq", seq)
        .bind("id", id)
        .bind("origin", options.origin)
        .bind("key", options.key)
        .bind("lane", options.lane)
        .bind("lease", options.leaseSeconds)
        .bind("attempts", options.maxAttempts)
        .bind("payload", options.payloadBytes)
        .bind("targeted", targeted)
        .bind("deadline", options.deadlineSeconds)
        .execute();
    return java.util.Objects.requireNonNull(index.bySeq(handle, List.of(seq)).get(seq));
  }

  /** One batch for one server, in a transaction of its own unless the handle is in one. */
  Exchange.Answer exchange(Handle handle, Exchange.Request request) {
    return handle.isInTransaction()
        ? batch(handle, request).run(_ -> {}).getFirst()
        : handle.inTransaction(h -> batch(h, request).run(_ -> {}).getFirst());
  }

  private ExchangeBatch batch(Handle handle, Exchange.Request request) {
    return new ExchangeBatch(
        handle, CELL, index, List.of(request), HoldSet.NONE, Floors.Era.unknown(), true);
  }

  List<Exchange.Lease> lease(Handle handle, int server, int want) {
    return exchange(handle, new Exchange.Request(server(server), List.of(), want, 0)).leases();
  }

  Verdict report(Handle handle, int server, QueuedCommand command, int lease, Outcome outcome) {
    return exchange(
            handle,
            new Exchange.Request(
                server(server),
                List.of(result(server, command, lease, outcome)),
                Exchange.NOTHING,
                0))
        .verdicts()
        .getFirst();
  }

  static ReportedResult result(int server, QueuedCommand command, int lease, Outcome outcome) {
    return new ReportedResult(
        server(server), command, lease, outcome, true, 0.5, "code", null, 1L, null);
  }

  /** The leases of these commands at this server are over: as if their time had passed. */
  static void lapse(Handle handle, int server, QueuedCommand... commands) {
    for (QueuedCommand command : commands) {
      handle
          .createUpdate(
              """
              update queue set visible_at = clock_timestamp() - interval '1 s'
              where server_id = :server and cell = 0 and track = :track and seq = :seq and leased_at > '-infinity'
              """)
          .bind("server", server)
          .bind("track", command.track())
          .bind("seq", command.seq())
          .execute();
    }
  }

  /** What waits for a retry may be handed out now. */
  static void retryNow(Handle handle) {
    handle.execute("update queue set visible_at = clock_timestamp() where leased_at = '-infinity'");
  }

  /** succeeded, failed, rejected, expired, cancelled, and what is in the queue. */
  static List<Integer> counts(Handle handle, QueuedCommand command) {
    return handle
        .createQuery(
            """
            select sum(succeeded), sum(failed), sum(rejected), sum(expired), sum(cancelled),
                   (select count(*) from queue where seq = :seq) from rollup where seq = :seq
            """)
        .bind("seq", command.seq())
        .map((rs, context) ->
            List.of(
                rs.getInt(1), rs.getInt(2), rs.getInt(3), rs.getInt(4), rs.getInt(5), rs.getInt(6)))
        .one();
  }

  /** By state: how many results there really are. */
  static Map<String, Integer> results(Handle handle, QueuedCommand command) {
    Map<String, Integer> byState = new java.util.TreeMap<>();
    handle
        .createQuery(
            "select state::text, count(*) from execution_result where seq = :seq group by 1")
        .bind("seq", command.seq())
        .map((rs, context) -> byState.put(rs.getString(1), rs.getInt(2)))
        .list();
    return byState;
  }

  static List<Long> seqs(List<Exchange.Lease> leases) {
    List<Long> seqs = new ArrayList<>();
    leases.forEach(lease -> seqs.add(lease.command().seq()));
    return seqs;
  }
}
