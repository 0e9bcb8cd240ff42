// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statement that reads what edges are told of commands. */
final class PayloadStore {
  private static final String BY_SEQ =
      """
      select seq, operation, parameters::text, configuration_name, array_to_string(configuration_hosts, ' '),
             ordering_key, options ->> 'degrade', payload_bytes
      from command where seq = any(:seqs::bigint[])
      """;

  private PayloadStore() {}

  static Map<Long, Payloads.Payload> bySeq(Handle handle, long[] seqs) {
    Map<Long, Payloads.Payload> read = new HashMap<>();
    handle
        .createQuery(BY_SEQ)
        .bind("seqs", seqs)
        .map((rs, context) ->
            read.put(
                rs.getLong(1),
                new Payloads.Payload(
                    rs.getString(2),
                    Json.MAPPER.readTree(rs.getString(3)),
                    configuration(rs.getString(4), rs.getString(5)),
                    rs.getString(6),
                    rs.getString(7),
                    rs.getInt(8))))
        .list();
    return read;
  }

  private static PollAnswer.@Nullable Configuration configuration(
      @Nullable String name, @Nullable String hosts) {
    return name == null
        ? null
        : new PollAnswer.Configuration(
            name, hosts == null || hosts.isEmpty() ? List.of() : List.of(hosts.split(" ", -1)));
  }
}
