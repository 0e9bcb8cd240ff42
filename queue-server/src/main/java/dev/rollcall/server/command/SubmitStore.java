// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.Track;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements that store new commands and their idempotency keys. */
final class SubmitStore {
  /**
   * By key order, so that two batches with the same keys wait for each other instead of
   * deadlocking.
   */
  private static final String CLAIM_KEYS =
      """
      insert into idempotency_key (scope, key, command_id, digest)
      select u.scope, u.key, u.id, decode(u.digest, 'hex')
      from unnest(:scopes::text[], :keys::text[], :ids::uuid[], :digests::text[]) u(scope, key, id, digest)
      order by u.scope, u.key
      on conflict do nothing
      returning command_id
      """;

  private static final String INSERT =
      """
      insert into command (seq, id, origin_id, customer_id, created_by, operation, target, parameters, options,
        configuration_id, configuration_name, configuration_hosts, ordering_key, ordering_hash, lane, lease_seconds,
        max_attempts, payload_bytes, targeted, retry_of, created_at, not_before, deadline_at, queued_at, completed_at,
        final_state, upkeep_at)
      select u.seq, u.id, u.origin_id, u.customer_id::int, u.created_by, u.operation, u.target::jsonb, u.parameters::jsonb,
        u.options::jsonb, u.configuration_id::int, u.configuration_name,
        case when u.configuration_hosts is null then null else string_to_array(u.configuration_hosts, ' ') end,
        u.ordering_key, u.ordering_hash, u.lane, u.lease_seconds, u.max_attempts, u.payload_bytes, u.targeted,
        u.retry_of::uuid, clock_timestamp(), u.not_before::timestamptz,
        coalesce(u.not_before::timestamptz, clock_timestamp()) + make_interval(secs => u.deadline_seconds),
        case when u.not_before is null then clock_timestamp() end,
        case when u.final_state is not null then clock_timestamp() end, u.final_state,
        coalesce(u.not_before::timestamptz,
                 clock_timestamp() + make_interval(secs => least(u.deadline_seconds, greatest(60, 2 * u.lease_seconds))))
      from unnest(:seqs::bigint[], :ids::uuid[], :origins::smallint[], :customers::text[], :created_by::text[],
                  :operations::text[], :targets::text[], :parameters::text[], :options::text[], :configurations::text[],
                  :configuration_names::text[], :configuration_hosts::text[], :ordering_keys::text[],
                  :ordering_hashes::bigint[], :lanes::int[], :leases::int[], :attempts::int[], :payloads::int[],
                  :targeted::int[], :retry_of::text[], :not_before::text[], :deadlines::int[], :final_states::text[])
        u(seq, id, origin_id, customer_id, created_by, operation, target, parameters, options, configuration_id,
          configuration_name, configuration_hosts, ordering_key, ordering_hash, lane, lease_seconds, max_attempts,
          payload_bytes, targeted, retry_of, not_before, deadline_seconds, final_state)
      returning seq, extract(epoch from deadline_at)::float8
      """;

  private SubmitStore() {}

  /** The commands whose key is theirs now; a key that somebody else has is left with them. */
  static Set<UUID> claimKeys(Handle handle, List<NewCommand> commands) {
    List<NewCommand.Idempotency> keys = commands.stream().map(SubmitStore::key).toList();
    return new HashSet<>(
        handle
            .createQuery(CLAIM_KEYS)
            .bind("scopes", keys.stream().map(NewCommand.Idempotency::scope).toArray(String[]::new))
            .bind("keys", keys.stream().map(NewCommand.Idempotency::key).toArray(String[]::new))
            .bind("ids", texts(commands, command -> command.id().toString()))
            .bind(
                "digests", keys.stream().map(NewCommand.Idempotency::digest).toArray(String[]::new))
            .mapTo(UUID.class)
            .list());
  }

  private static NewCommand.Idempotency key(NewCommand command) {
    return java.util.Objects.requireNonNull(command.idempotency());
  }

  /** False: the key has an owner. */
  static boolean claim(Handle handle, NewCommand.Idempotency key, UUID commandId) {
    return handle
            .createUpdate(
                """
                insert into idempotency_key (scope, key, command_id, digest)
                values (:scope, :key, :id, decode(:digest, 'hex')) on conflict do nothing
                """)
            .bind("scope", key.scope())
            .bind("key", key.key())
            .bind("id", commandId)
            .bind("digest", key.digest())
            .execute()
        > 0;
  }

  /** What an idempotency key stands for. */
  record Claimed(UUID commandId, String digest) {}

  static Optional<Claimed> claimed(Handle handle, String scope, String key) {
    return handle
        .createQuery(
            "select command_id, encode(digest, 'hex') from idempotency_key where scope = :scope and"
                + " key = :key")
        .bind("scope", scope)
        .bind("key", key)
        .map((rs, context) -> new Claimed(rs.getObject(1, UUID.class), rs.getString(2)))
        .findOne();
  }

  /** Commands from {@code firstSeq} on, one place each; answers what the queue needs of them. */
  static Map<UUID, QueuedCommand> insert(Handle handle, List<NewCommand> commands, long firstSeq) {
    long[] seqs = new long[commands.size()];
    for (int i = 0; i < seqs.length; i++) {
      seqs[i] = firstSeq + i;
    }
    Map<UUID, QueuedCommand> queued = new HashMap<>();
    handle
        .createQuery(INSERT)
        .bind("seqs", seqs)
        .bind("ids", texts(commands, command -> command.id().toString()))
        .bind("origins", ints(commands, command -> command.resolved().originId()))
        .bind("customers", texts(commands, SubmitStore::customer))
        .bind("created_by", texts(commands, NewCommand::createdBy))
        .bind("operations", texts(commands, NewCommand::operation))
        .bind("targets", texts(commands, command -> command.target().toString()))
        .bind("parameters", texts(commands, command -> command.parameters().toString()))
        .bind("options", texts(commands, c -> Json.MAPPER.writeValueAsString(c.options())))
        .bind("configurations", texts(commands, c -> within(c, w -> String.valueOf(w.id()))))
        .bind("configuration_names", texts(commands, c -> within(c, Resolved.Within::fullName)))
        .bind(
            "configuration_hosts",
            texts(commands, c -> within(c, w -> String.join(" ", w.hosts()))))
        .bind("ordering_keys", texts(commands, command -> command.options().orderingKey()))
        .bind("ordering_hashes", commands.stream().mapToLong(NewCommand::orderingHash).toArray())
        .bind("lanes", ints(commands, command -> command.options().laneNumber()))
        .bind("leases", ints(commands, command -> command.options().leaseSeconds()))
        .bind("attempts", ints(commands, command -> command.options().maxAttempts()))
        .bind("payloads", ints(commands, NewCommand::payloadBytes))
        .bind("targeted", ints(commands, command -> command.resolved().servers().size()))
        .bind("retry_of", texts(commands, c -> c.retryOf() == null ? null : c.retryOf().toString()))
        .bind("not_before", texts(commands, SubmitStore::notBefore))
        .bind("deadlines", ints(commands, command -> command.options().deadlineSeconds()))
        .bind("final_states", texts(commands, SubmitStore::finalState))
        .map((rs, context) -> {
          NewCommand command = commands.get((int) (rs.getLong(1) - firstSeq));
          return queued.put(command.id(), queued(command, rs.getLong(1), rs.getDouble(2)));
        })
        .list();
    return queued;
  }

  private static QueuedCommand queued(NewCommand command, long seq, double deadline) {
    return new QueuedCommand(
        seq,
        command.id(),
        Track.of(command.options().laneNumber(), command.resolved().originId()),
        command.orderingHash(),
        command.options().leaseSeconds(),
        command.options().maxAttempts(),
        deadline,
        command.payloadBytes());
  }

  private static @Nullable String customer(NewCommand command) {
    return within(command, w -> w.customerId() == null ? null : String.valueOf(w.customerId()));
  }

  private static @Nullable String notBefore(NewCommand command) {
    return command.options().notBefore() == null ? null : command.options().notBefore().toString();
  }

  /** One that has nothing to wait for has ended as it begins. */
  private static @Nullable String finalState(NewCommand command) {
    if (command.resolved().refused().size() < command.resolved().servers().size()) {
      return null;
    }
    return command.resolved().servers().isEmpty() ? "complete" : "failed";
  }

  private interface OfWithin {
    @Nullable String text(Resolved.Within within);
  }

  private static @Nullable String within(NewCommand command, OfWithin of) {
    Resolved.Within within = command.resolved().configuration();
    return within == null ? null : of.text(within);
  }

  private interface OfCommand {
    @Nullable String text(NewCommand command);
  }

  private static @Nullable String[] texts(List<NewCommand> commands, OfCommand of) {
    return commands.stream().map(of::text).toArray(String[]::new);
  }

  private static int[] ints(
      List<NewCommand> commands, java.util.function.ToIntFunction<NewCommand> of) {
    return commands.stream().mapToInt(of).toArray();
  }
}
