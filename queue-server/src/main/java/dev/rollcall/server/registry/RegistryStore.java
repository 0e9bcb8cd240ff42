// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.server.web.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Reads the registry whole. The caller's transaction decides how consistent that is. */
final class RegistryStore {
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

  private RegistryStore() {}

  static long version(Handle handle) {
    return handle.createQuery("select version from registry_state").mapTo(Long.class).one();
  }

  /**
   * The entity tags of which the registry must have one for who asks to change it; unbound: any.
   * Handed past those who begin the transaction: only under the lock does the answer hold.
   */
  static final ScopedValue<Set<String>> WANTED = ScopedValue.newInstance();

  static String tag(long version) {
    return "\"" + version + "\"";
  }

  /**
   * Waits until no other change is under way, and keeps others waiting until the transaction ends.
   *
   * @throws ApiException 412 when {@link #WANTED} is bound and does not hold the present version
   */
  static void lock(Handle handle) {
    long version =
        handle.createQuery("select version from registry_state for update").mapTo(Long.class).one();
    if (WANTED.isBound() && !WANTED.get().contains(tag(version))) {
      throw ApiException.of(
          412, "precondition-failed", "The registry is at version " + version + " by now.");
    }
  }

  static long raiseVersion(Handle handle) {
    return handle
        .createQuery("update registry_state set version = version + 1 returning version")
        .mapTo(Long.class)
        .one();
  }

  static Registry load(Handle handle) {
    long version = version(handle);
    Map<Short, String> names = new HashMap<>();
    handle
        .createQuery("select id, name from participant")
        .map((rs, context) -> names.put(rs.getShort(1), rs.getString(2)))
        .list();
    Map<Short, List<Participant.Exposure>> exposures = exposures(handle, names);
    List<Participant> participants = participants(handle, exposures);
    List<Customer> customers = customers(handle, names);
    Map<Integer, String> customerNames = new HashMap<>();
    customers.forEach(customer -> customerNames.put(customer.id(), customer.name()));
    return new Registry(
        version,
        names,
        participants,
        customers,
        servers(handle, names),
        configurations(handle, names, customerNames));
  }

  private static Map<Short, List<Participant.Exposure>> exposures(
      Handle handle, Map<Short, String> names) {
    Map<Short, List<Manifest.ExposureEntry>> found = new HashMap<>();
    handle
        .createQuery(
            """
            select participant_id, to_participant_id, servers, operations, hosts, commands_per_minute, detail,
                   coalesce(name, ''), until, expired, suspended
            from exposure order by participant_id, position
            """)
        .map((rs, context) ->
            found
                .computeIfAbsent(rs.getShort(1), id -> new ArrayList<>())
                .add(new Manifest.ExposureEntry(null, exposure(rs, names))))
        .list();
    Map<Short, List<Participant.Exposure>> named = new HashMap<>();
    found.forEach((participant, exposures) -> {
      List<Participant.Exposure> present =
          exposures.stream().map(Manifest.ExposureEntry::exposure).toList();
      named.put(
          participant,
          ExposureNames.named(exposures, present).stream()
              .map(Manifest.ExposureEntry::exposure)
              .toList());
    });
    return named;
  }

  private static Participant.Exposure exposure(ResultSet rs, Map<Short, String> names)
      throws SQLException {
    OffsetDateTime until = rs.getObject(9, OffsetDateTime.class);
    return new Participant.Exposure(
        rs.getString(8),
        names.getOrDefault(rs.getShort(2), ""),
        texts(rs, 3),
        texts(rs, 4),
        texts(rs, 5),
        nullableInt(rs, 6),
        rs.getString(7),
        until == null ? null : until.toInstant(),
        rs.getBoolean(10),
        Participant.Suspension.of(rs.getString(11)));
  }

  /** Whether an exposure has ended by itself of which nobody knows yet. */
  static boolean isExposureOver(Handle handle) {
    return handle
        .createQuery(
            "select exists (select from exposure where until <= clock_timestamp() and not expired)")
        .mapTo(Boolean.class)
        .one();
  }

  /** An exposure that has ended by itself. */
  record Over(short participantId, String fullName) {}

  /** Marks what has ended by itself, and answers it. */
  static List<Over> expire(Handle handle) {
    return handle
        .createQuery(
            """
            with e as (
              update exposure set expired = true where until <= clock_timestamp() and not expired
              returning participant_id, to_participant_id, name)
            select p.id, p.name || '/' || coalesce(e.name, o.name)
            from e
            join participant p on p.id = e.participant_id
            join participant o on o.id = e.to_participant_id
            order by 2
            """)
        .map((rs, context) -> new Over(rs.getShort(1), rs.getString(2)))
        .list();
  }

  private static List<Participant> participants(
      Handle handle, Map<Short, List<Participant.Exposure>> exposures) {
    return handle
        .createQuery(
            """
            select id, name, cdn_id, delivery, scope, peer_protocol, peer_url, peer_token_reference
            from participant where removed_at is null order by name
            """)
        .map((rs, context) ->
            new Participant(
                rs.getShort(1),
                rs.getString(2),
                rs.getString(3),
                Participant.Delivery.of(rs.getString(4)),
                rs.getString(5),
                rs.getString(6) == null
                    ? null
                    : new Participant.Peer(rs.getString(6), rs.getString(7), rs.getString(8)),
                exposures.getOrDefault(rs.getShort(1), List.of())))
        .list();
  }

  private static List<Customer> customers(Handle handle, Map<Short, String> names) {
    return handle
        .createQuery(
            "select id, participant_id, name from customer where removed_at is null order by"
                + " participant_id, name")
        .map((rs, context) ->
            new Customer(
                rs.getInt(1),
                rs.getShort(2),
                names.get(rs.getShort(2)) + "/" + rs.getString(3),
                rs.getString(3)))
        .list();
  }

  private static List<EdgeServer> servers(Handle handle, Map<Short, String> names) {
    return handle
        .createQuery(
            """
            select s.id, s.participant_id, s.name, s.region, s.labels::text, s.cell, r.operations, s.addresses
            from server s left join server_presence r on r.server_id = s.id
            where s.removed_at is null order by s.participant_id, s.name
            """)
        .map((rs, context) ->
            new EdgeServer(
                rs.getInt(1),
                rs.getShort(2),
                names.get(rs.getShort(2)) + "/" + rs.getString(3),
                rs.getString(3),
                rs.getString(4),
                Json.MAPPER.readValue(rs.getString(5), LABELS),
                texts(rs, 8),
                rs.getShort(6),
                rs.getArray(7) == null ? null : Set.copyOf(texts(rs, 7))))
        .list();
  }

  private static List<Configuration> configurations(
      Handle handle, Map<Short, String> names, Map<Integer, String> customers) {
    Map<Integer, List<HostRule>> hosts = new HashMap<>();
    handle
        .createQuery(
            "select configuration_id, host from configuration_host order by configuration_id,"
                + " position")
        .map((rs, context) ->
            hosts.computeIfAbsent(rs.getInt(1), id -> new ArrayList<>()).add(host(rs.getString(2))))
        .list();
    Map<Integer, List<Configuration.Deployment>> deployments = new HashMap<>();
    handle
        .createQuery(
            """
            select d.configuration_id, d.participant_id, coalesce(s.name, '*')
            from deployment d left join server s on s.id = d.server_id
            order by d.configuration_id, d.participant_id, s.name
            """)
        .map((rs, context) ->
            deployments
                .computeIfAbsent(rs.getInt(1), id -> new ArrayList<>())
                .add(
                    new Configuration.Deployment(
                        names.getOrDefault(rs.getShort(2), ""), rs.getString(3))))
        .list();
    return handle
        .createQuery(
            """
            select id, participant_id, name, customer_id from configuration
            where removed_at is null order by participant_id, name
            """)
        .map((rs, context) -> {
          Integer customerId = nullableInt(rs, 4);
          return new Configuration(
              rs.getInt(1),
              rs.getShort(2),
              names.get(rs.getShort(2)) + "/" + rs.getString(3),
              rs.getString(3),
              customerId,
              customerId == null ? null : customers.get(customerId),
              hosts.getOrDefault(rs.getInt(1), List.of()),
              deployments.getOrDefault(rs.getInt(1), List.of()));
        })
        .list();
  }

  private static HostRule host(String text) {
    try {
      return HostRule.parse(text);
    } catch (SelectorException e) {
      throw new IllegalStateException("a host in the database is none: " + text, e);
    }
  }

  private static List<String> texts(ResultSet rs, int column) throws SQLException {
    return List.of((String[]) rs.getArray(column).getArray());
  }

  private static @Nullable Integer nullableInt(ResultSet rs, int column) throws SQLException {
    int value = rs.getInt(column);
    return rs.wasNull() ? null : value;
  }
}
