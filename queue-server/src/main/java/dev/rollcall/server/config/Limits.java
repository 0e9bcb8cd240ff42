// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import org.jspecify.annotations.Nullable;

/**
 * How much callers may ask of a server; null: as much as they like.
 *
 * @param requestsPerMinute of each caller but servers
 * @param edgeRequestsPerMinute of each server
 * @param pendingPerServer executions that one participant may have open on one server
 * @param pendingPerParticipant executions that one participant may have open on all servers
 */
public record Limits(
    @Nullable Integer requestsPerMinute,
    @Nullable Integer edgeRequestsPerMinute,
    @Nullable Integer pendingPerServer,
    @Nullable Integer pendingPerParticipant) {
  static final Setting REQUESTS_PER_MINUTE =
      new Setting(
          "requests-per-minute",
          null,
          Setting.Kind.VALUE,
          "Most requests a minute of each caller but servers, on each node; none unless set");
  static final Setting EDGE_REQUESTS_PER_MINUTE =
      new Setting(
          "edge-requests-per-minute",
          null,
          Setting.Kind.VALUE,
          "Most requests a minute of each server, on each node; none unless set");
  static final Setting MAX_PENDING_PER_SERVER =
      new Setting(
          "max-pending-per-server",
          null,
          Setting.Kind.VALUE,
          "Executions of one origin that may be open on one server; no limit unless set");
  static final Setting MAX_PENDING_PER_PARTICIPANT =
      new Setting(
          "max-pending-per-participant",
          null,
          Setting.Kind.VALUE,
          "Executions of one origin that may be open in all; no limit unless set");

  static Limits read(SettingReader reader) {
    return new Limits(
        reader.optionalNumber(REQUESTS_PER_MINUTE, 1, 1_000_000),
        reader.optionalNumber(EDGE_REQUESTS_PER_MINUTE, 1, 1_000_000),
        reader.optionalNumber(MAX_PENDING_PER_SERVER, 1, 10_000_000),
        reader.optionalNumber(MAX_PENDING_PER_PARTICIPANT, 1, 1_000_000_000));
  }

  /** Whether what is open is to be counted. */
  public boolean boundsPending() {
    return pendingPerServer != null || pendingPerParticipant != null;
  }
}
