// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The statements that change the registry; each for many rows at once. */
final class ManifestStore {
  /** One whose time has passed is over from the start. */
  private static final String INSERT_EXPOSURE =
      """
      insert into exposure (participant_id, to_participant_id, position, servers, operations, hosts,
                            commands_per_minute, detail, name, until, expired, suspended)
      values (:participant, :to, :position, :servers, :operations, :hosts, :per_minute::int, :detail, :name,
              :until::timestamptz, coalesce(:until::timestamptz <= clock_timestamp(), false), :suspended::text)
      """;

  private final Handle handle;

  ManifestStore(Handle handle) {
    this.handle = handle;
  }

  /**
   * How many participants have ever been; new ones are numbered from there. A sequence keeps what a
   * transaction that came to nothing took from it, and there are few of these numbers. For who
   * holds the registry's lock.
   */
  int renumberParticipants() {
    return handle
        .createQuery(
            """
            select setval(pg_get_serial_sequence('participant', 'id'), coalesce(max(id), 0) + 1, false) - 1
            from participant
            """)
        .mapTo(Integer.class)
        .one();
  }

  /** Inserts or updates by name. */
  void participants(Collection<Manifest.Entry> entries) {
    handle
        .createUpdate(
            """
            merge into participant p
            using (select * from unnest(:names::text[], :cdn_ids::text[], :deliveries::text[], :scopes::text[],
                     :protocols::text[], :urls::text[], :tokens::text[])
                   n(name, cdn_id, delivery, scope, protocol, url, token)) n
            on p.name = n.name and p.removed_at is null
            when matched then update set cdn_id = n.cdn_id, delivery = n.delivery, scope = n.scope,
              peer_protocol = n.protocol, peer_url = n.url, peer_token_reference = n.token
            when not matched then insert (name, cdn_id, delivery, scope, peer_protocol, peer_url, peer_token_reference)
              values (n.name, n.cdn_id, n.delivery, n.scope, n.protocol, n.url, n.token)
            """)
        .bind("names", texts(entries, Manifest.Entry::name))
        .bind("cdn_ids", texts(entries, Manifest.Entry::cdnId))
        .bind("deliveries", texts(entries, entry -> entry.delivery().word()))
        .bind("scopes", texts(entries, Manifest.Entry::scope))
        .bind("protocols", texts(entries, e -> e.peer() == null ? null : e.peer().protocol()))
        .bind("urls", texts(entries, e -> e.peer() == null ? null : e.peer().url()))
        .bind("tokens", texts(entries, e -> e.peer() == null ? null : e.peer().tokenReference()))
        .execute();
  }

  Map<String, Short> participantIds() {
    Map<String, Short> ids = new HashMap<>();
    handle
        .createQuery("select name, id from participant where removed_at is null")
        .map((rs, context) -> ids.put(rs.getString(1), rs.getShort(2)))
        .list();
    return ids;
  }

  /** Full name to id, of one of the tables of named things that belong to participants. */
  Map<String, Integer> ids(Table table) {
    Map<String, Integer> ids = new HashMap<>();
    handle
        .createQuery(
            "select p.name || '/' || x.name, x.id from "
                + table.sql
                + " x join participant p on p.id = x.participant_id where x.removed_at is null")
        .map((rs, context) -> ids.put(rs.getString(1), rs.getInt(2)))
        .list();
    return ids;
  }

  /** The tables of named things that belong to participants. */
  enum Table {
    CUSTOMER("customer"),
    SERVER("server"),
    CONFIGURATION("configuration");

    private final String sql;

    Table(String sql) {
      this.sql = sql;
    }
  }

  /** A row of a customer. */
  record CustomerRow(short participantId, String name) {}

  void customers(List<CustomerRow> rows) {
    handle
        .createUpdate(
            """
            insert into customer (participant_id, name)
            select * from unnest(:participants::smallint[], :names::text[])
            """)
        .bind("participants", shorts(rows, CustomerRow::participantId))
        .bind("names", texts(rows, CustomerRow::name))
        .execute();
  }

  /** A row of a server. */
  record ServerRow(
      short participantId,
      String name,
      @Nullable String region,
      Map<String, String> labels,
      List<String> addresses) {}

  void servers(List<ServerRow> rows) {
    handle
        .createUpdate(
            """
            merge into server s
            using (select * from unnest(:participants::smallint[], :names::text[], :regions::text[], :labels::text[],
                     :addresses::text[])
                   n(participant_id, name, region, labels, addresses)) n
            on s.participant_id = n.participant_id and s.name = n.name and s.removed_at is null
            when matched then update set region = n.region, labels = n.labels::jsonb,
              addresses = string_to_array(n.addresses, ' ')
            when not matched then insert (participant_id, name, region, labels, addresses)
              values (n.participant_id, n.name, n.region, n.labels::jsonb, string_to_array(n.addresses, ' '))
            """)
        .bind("participants", shorts(rows, ServerRow::participantId))
        .bind("names", texts(rows, ServerRow::name))
        .bind("regions", texts(rows, ServerRow::region))
        .bind("labels", texts(rows, row -> Json.MAPPER.writeValueAsString(row.labels())))
        .bind("addresses", texts(rows, row -> String.join(" ", row.addresses())))
        .execute();
  }

  /** A row of a configuration. */
  record ConfigurationRow(short participantId, String name, @Nullable Integer customerId) {}

  void configurations(List<ConfigurationRow> rows) {
    handle
        .createUpdate(
            """
            merge into configuration c
            using (select * from unnest(:participants::smallint[], :names::text[], :customers::text[])
                   n(participant_id, name, customer_id)) n
            on c.participant_id = n.participant_id and c.name = n.name and c.removed_at is null
            when matched then update set customer_id = n.customer_id::int
            when not matched then insert (participant_id, name, customer_id)
              values (n.participant_id, n.name, n.customer_id::int)
            """)
        .bind("participants", shorts(rows, ConfigurationRow::participantId))
        .bind("names", texts(rows, ConfigurationRow::name))
        .bind(
            "customers",
            texts(rows, row -> row.customerId() == null ? null : String.valueOf(row.customerId())))
        .execute();
  }

  /** Takes the hosts and deployments of these configurations away. */
  void clearConfigurations(int[] ids) {
    handle
        .createUpdate("delete from configuration_host where configuration_id = any(:ids::int[])")
        .bind("ids", ids)
        .execute();
    handle
        .createUpdate("delete from deployment where configuration_id = any(:ids::int[])")
        .bind("ids", ids)
        .execute();
  }

  /** A row of a host. */
  record HostRow(int configurationId, String host, int position) {}

  void hosts(List<HostRow> rows) {
    handle
        .createUpdate(
            """
            insert into configuration_host (configuration_id, host, position)
            select * from unnest(:configurations::int[], :hosts::text[], :positions::int[])
            """)
        .bind("configurations", rows.stream().mapToInt(HostRow::configurationId).toArray())
        .bind("hosts", texts(rows, HostRow::host))
        .bind("positions", rows.stream().mapToInt(HostRow::position).toArray())
        .execute();
  }

  /** A row of a deployment. */
  record DeploymentRow(int configurationId, short participantId, @Nullable Integer serverId) {}

  void deployments(List<DeploymentRow> rows) {
    handle
        .createUpdate(
            """
            insert into deployment (configuration_id, participant_id, server_id)
            select c, p, s::int from unnest(:configurations::int[], :participants::smallint[], :servers::text[]) x(c, p, s)
            """)
        .bind("configurations", rows.stream().mapToInt(DeploymentRow::configurationId).toArray())
        .bind("participants", shorts(rows, DeploymentRow::participantId))
        .bind(
            "servers",
            texts(rows, row -> row.serverId() == null ? null : String.valueOf(row.serverId())))
        .execute();
  }

  void replaceExposures(
      short participantId, List<Participant.Exposure> exposures, Map<String, Short> participants) {
    handle
        .createUpdate("delete from exposure where participant_id = :participant")
        .bind("participant", participantId)
        .execute();
    if (exposures.isEmpty()) {
      return;
    }
    PreparedBatch batch = handle.prepareBatch(INSERT_EXPOSURE);
    for (int i = 0; i < exposures.size(); i++) {
      Participant.Exposure exposure = exposures.get(i);
      Instant until = exposure.until();
      Participant.Suspension suspension = exposure.suspension();
      batch
          .bind("participant", participantId)
          .bind("to", participants.get(exposure.toParticipant()))
          .bind("position", i)
          .bind("servers", exposure.servers().toArray(String[]::new))
          .bind("operations", exposure.operations().toArray(String[]::new))
          .bind("hosts", exposure.hosts().toArray(String[]::new))
          .bind("per_minute", exposure.commandsPerMinute())
          .bind("detail", exposure.detail())
          .bind("name", exposure.name())
          .bind("until", until == null ? null : until.atOffset(ZoneOffset.UTC))
          .bind("suspended", suspension == null ? null : suspension.word())
          .add();
    }
    batch.execute();
  }

  /** Marks things as gone, and with them their tokens. */
  void remove(Table table, int[] ids) {
    handle
        .createUpdate("update " + table.sql + " set removed_at = now() where id = any(:ids::int[])")
        .bind("ids", ids)
        .execute();
    if (table != Table.CONFIGURATION) {
      handle
          .createUpdate(
              "update token set revoked_at = clock_timestamp() where revoked_at is null and "
                  + table.sql
                  + "_id = any(:ids::int[])")
          .bind("ids", ids)
          .execute();
    }
  }

  /** Marks participants as gone, with their tokens and all exposures by and to them. */
  void removeParticipants(short[] ids) {
    for (String statement :
        List.of(
            "update participant set removed_at = now() where id = any(:ids::smallint[])",
            "update token set revoked_at = clock_timestamp() where revoked_at is null and"
                + " participant_id = any(:ids::smallint[])",
            "delete from exposure where participant_id = any(:ids::smallint[]) or to_participant_id"
                + " = any(:ids::smallint[])")) {
      handle.createUpdate(statement).bind("ids", ids).execute();
    }
  }

  private interface Text<T> {
    @Nullable String of(T row);
  }

  private static <T> @Nullable String[] texts(Collection<T> rows, Text<T> text) {
    return rows.stream().map(text::of).toArray(String[]::new);
  }

  private interface Small<T> {
    short of(T row);
  }

  private static <T> short[] shorts(List<T> rows, Small<T> small) {
    short[] column = new short[rows.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = small.of(rows.get(i));
    }
    return column;
  }
}
