// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.telemetry;

/** The metrics of the product: names, tags and meanings as they stand in the README. */
public enum Meter {
  OLDEST_PENDING(
      "rollcall_oldest_pending_seconds",
      "participant",
      "Age of the oldest execution that has not ended and may be handed out"),
  EXECUTIONS_ENDED(
      "rollcall_executions_ended_total",
      "participant, state",
      "Executions that ended, by end state"),
  COMMANDS_ACCEPTED("rollcall_commands_accepted_total", "operation", "Commands answered with 202"),
  POLLS("rollcall_polls_total", "", "Polls of edge pollers that were answered"),
  POLLS_PARKED("rollcall_polls_parked", "", "Polls that wait for work now"),
  LEASES("rollcall_leases_total", "", "Executions handed out"),
  LEASE_LAPSES(
      "rollcall_lease_lapses_total", "", "Leases that ran out without a result and were found so"),
  RESULTS("rollcall_results_total", "verdict", "Results received, by verdict"),
  BATCH_SECONDS("rollcall_batch_seconds", "batch", "Time a batch spent in the database"),
  BATCH_ITEMS("rollcall_batch_items_total", "batch", "Items that went through batches"),
  BATCH_RETRIES(
      "rollcall_batch_retries_total",
      "batch",
      "Batches that failed whole and were done item by item"),
  HTTP_CONNECTIONS("rollcall_http_connections", "", "Connections that are open"),
  HTTP_CONNECTIONS_SHED(
      "rollcall_http_connections_shed_total",
      "",
      "Connections closed because no request came in time, or because there were too many"),
  HTTP_RESPONSES("rollcall_http_responses_total", "status", "Responses by status class"),
  OLDEST_SNAPSHOT(
      "rollcall_database_oldest_snapshot_seconds",
      "",
      "Age of the oldest snapshot that keeps PostgreSQL from cleaning up"),
  UPKEEP_RUNS("rollcall_upkeep_runs_total", "", "Rounds of upkeep that this node did"),
  NODES_ALIVE("rollcall_nodes_alive", "", "Servers that run on this database, this one included"),
  NOTIFICATIONS_SENT(
      "rollcall_notifications_sent_total", "", "Notifications sent to the other nodes"),
  NOTIFICATIONS_RECEIVED(
      "rollcall_notifications_received_total", "", "Notifications received from other nodes"),
  COMMANDS_LOOKED_UP(
      "rollcall_commands_looked_up_total",
      "",
      "Commands of other nodes found by looking, before a notification of them came"),
  COMMANDS_REMOVED(
      "rollcall_commands_removed_total", "", "Commands removed because they were kept long enough");

  private final String exposed;
  private final String tags;
  private final String help;

  Meter(String exposed, String tags, String help) {
    this.exposed = exposed;
    this.tags = tags;
    this.help = help;
  }

  /** The name at {@code /metrics}. */
  public String exposed() {
    return exposed;
  }

  /** The tags, comma separated; empty: none. */
  public String tags() {
    return tags;
  }

  public String help() {
    return help;
  }

  /**
   * As the registry wants it: it adds the suffix of counters ({@code _total}) and timers by itself.
   */
  String builderName() {
    boolean timer = this == BATCH_SECONDS;
    return exposed.replaceAll(timer ? "_seconds$" : "_total$", "");
  }
}
