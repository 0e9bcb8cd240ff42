// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements for what a change of the registry is still to end. */
final class SweepStore {
  private static final String NOTE =
      """
      insert into registry_sweep (participant_id, cell, server_ids) values (:participant, :cell, :servers) returning id
      """;

  private static final String TAKE =
      """
      with k as materialized (
        select id from registry_sweep where taken_until <= clock_timestamp() and (:large or not large)
        order by id limit 1 for update skip locked)
      update registry_sweep s set taken_until = clock_timestamp() + make_interval(secs => :seconds)
      from k where s.id = k.id
      returning s.id, s.participant_id, s.cell, s.server_ids
      """;

  private static final String HOLD =
      """
      update registry_sweep set large = large or :large, taken_until = clock_timestamp() + make_interval(secs => :seconds)
      where id = :id
      """;

  private SweepStore() {}

  /**
   * What a change took away, of which commands may be under way.
   *
   * @param exposing participants that had exposures and now have others, or none
   */
  record TakenAway(List<EdgeServer> servers, List<Short> exposing) {
    TakenAway {
      servers = List.copyOf(servers);
      exposing = List.copyOf(exposing);
    }
  }

  private record Place(short participantId, short cell) {}

  /** Answers their ids. */
  static List<Long> note(Handle handle, TakenAway taken) {
    Map<Place, List<Integer>> servers = new LinkedHashMap<>();
    for (EdgeServer server : taken.servers()) {
      servers
          .computeIfAbsent(
              new Place(server.participantId(), server.cell()), place -> new ArrayList<>())
          .add(server.id());
    }
    List<Long> noted = new ArrayList<>();
    servers.forEach((place, ids) -> noted.add(note(handle, place, ids)));
    for (short participant : taken.exposing()) {
      noted.add(note(handle, new Place(participant, (short) 0), List.of()));
    }
    return noted;
  }

  private static long note(Handle handle, Place place, List<Integer> servers) {
    return handle
        .createQuery(NOTE)
        .bind("participant", place.participantId())
        .bind("cell", place.cell())
        .bind("servers", servers.stream().mapToInt(Integer::intValue).toArray())
        .mapTo(Long.class)
        .one();
  }

  /** The first that nobody is at work on, large ones only if wanted; it is taken for so long. */
  static Optional<Sweeps.Sweep> take(Handle handle, boolean large, Duration longest) {
    return handle
        .createQuery(TAKE)
        .bind("large", large)
        .bind("seconds", longest.toMillis() / 1e3)
        .map((rs, context) ->
            new Sweeps.Sweep(
                rs.getLong(1),
                rs.getShort(2),
                rs.getShort(3),
                Arrays.asList((Integer[]) rs.getArray(4).getArray())))
        .findOne();
  }

  /** Nobody else takes it for so long; false when it is done. */
  static boolean hold(Handle handle, long id, boolean large, Duration longest) {
    return handle
            .createUpdate(HOLD)
            .bind("id", id)
            .bind("large", large)
            .bind("seconds", longest.toMillis() / 1e3)
            .execute()
        > 0;
  }

  static int done(Handle handle, long id) {
    return handle
        .createUpdate("delete from registry_sweep where id = :id")
        .bind("id", id)
        .execute();
  }

  /** Whether one of these is not done. */
  static boolean isLeft(Handle handle, List<Long> ids) {
    return handle
        .createQuery("select exists (select from registry_sweep where id = any(:ids::bigint[]))")
        .bind("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .mapTo(Boolean.class)
        .one();
  }
}
