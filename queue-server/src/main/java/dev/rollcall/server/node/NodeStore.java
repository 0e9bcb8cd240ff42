// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements by which nodes know of each other and of each other's commands. */
final class NodeStore {
  /**
   * A row of a node that ended without a word is kept for an hour, for whoever looks for it; but
   * not once another listens where it did, as that is the same one started again. Two that live and
   * share an address (each behind a proxy of its own) both beat, and keep their rows.
   */
  private static final String BEAT =
      """
      with me as (
        insert into node (id, address, version, started_at, seen_at)
        values (:id::uuid, :address::text, :version::text, clock_timestamp(), clock_timestamp())
        on conflict (id) do update set seen_at = excluded.seen_at, address = excluded.address),
      gone as (
        delete from node
        where id <> :id::uuid
          and (seen_at < clock_timestamp() - interval '1 hour'
            or address = :address::text
              and seen_at < clock_timestamp() - make_interval(secs => :alive)))
      select count(*) filter (where seen_at > statement_timestamp() - make_interval(secs => :alive)),
             count(*) filter (where seen_at > statement_timestamp() - make_interval(secs => :neighbour))
      from node where id <> :id::uuid
      """;

  /** One range of the primary key. A clock that was set back does not move the range back. */
  private static final String NEW_COMMANDS =
      """
      select seq from command
      where seq > (select greatest(last_value, seq_at(clock_timestamp())) - (:millis::bigint << 22) from command_seq)
        and queued_at is not null
      order by seq limit :most
      """;

  private static final String SERVERS =
      """
      select distinct s.server_id
      from command_target t cross join lateral unnest(t.server_ids) s(server_id)
      where t.seq = any(:seqs::bigint[])
      """;

  private NodeStore() {}

  /**
   * How many other nodes there are.
   *
   * @param alive gave a sign of life in the last few seconds
   * @param neighbours may still be there, and are told what happens
   */
  record Others(int alive, int neighbours) {}

  static Others beat(
      Handle handle, UUID id, @Nullable String address, @Nullable String version, Span span) {
    return handle
        .createQuery(BEAT)
        .bind("id", id)
        .bind("address", address)
        .bind("version", version)
        .bind("alive", span.aliveSeconds())
        .bind("neighbour", span.neighbourSeconds())
        .map((rs, context) -> new Others(rs.getInt(1), rs.getInt(2)))
        .one();
  }

  /** For how long after its last sign of life a node counts. */
  record Span(int aliveSeconds, int neighbourSeconds) {}

  /** For a node that knows that it is the only one; one that lives after all comes back. */
  static void removeOthers(Handle handle, UUID id) {
    handle.createUpdate("delete from node where id <> :id").bind("id", id).execute();
  }

  static void remove(Handle handle, UUID id) {
    handle.createUpdate("delete from node where id = :id").bind("id", id).execute();
  }

  /** Commands in the queue whose number is at most so old, in their order. */
  static List<Long> newCommands(Handle handle, long millis, int most) {
    return handle
        .createQuery(NEW_COMMANDS)
        .bind("millis", millis)
        .bind("most", most)
        .mapTo(Long.class)
        .list();
  }

  /** Whom these commands are aimed at. */
  static List<Integer> servers(Handle handle, List<Long> seqs) {
    return handle
        .createQuery(SERVERS)
        .bind("seqs", seqs.stream().mapToLong(Long::longValue).toArray())
        .mapTo(Integer.class)
        .list();
  }

  /** Commits without waiting for the disk: what is told need not outlive a crash. */
  static void notify(Handle handle, List<String> payloads) {
    handle.execute("set local synchronous_commit = off");
    handle
        .createQuery(
            "select pg_notify(:channel, p) from unnest(:payloads::text[]) with ordinality u(p, n)"
                + " order by n")
        .bind("channel", Nodes.CHANNEL)
        .bind("payloads", payloads.toArray(String[]::new))
        .map((rs, context) -> true)
        .list();
  }
}
