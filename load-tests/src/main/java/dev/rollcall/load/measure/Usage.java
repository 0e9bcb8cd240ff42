// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.measure;

/**
 * What a stretch of work cost.
 *
 * @param executions how many ended in it
 * @param seconds how long it took
 * @param serverMicros CPU time of the queue server for each execution
 * @param databaseMicros CPU time of PostgreSQL for each execution
 * @param clientMicros CPU time of this program for each execution
 * @param walBytes write-ahead log for each execution
 * @param strangers the share of all cores that none of the three used, though they were busy
 * @param upkeep of the database meanwhile
 */
public record Usage(
    long executions,
    double seconds,
    double serverMicros,
    double databaseMicros,
    double clientMicros,
    double walBytes,
    double strangers,
    Upkeep upkeep) {
  /** Of a stretch that was not finished. */
  public static final Usage UNKNOWN =
      new Usage(
          0,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          new Upkeep(false, 0, Double.NaN));

  public static Usage between(Probe.Reading from, Probe.Reading to, long executions) {
    double perExecution = 1e6 / Math.max(1, executions);
    double own =
        to.server() - from.server() + to.database() - from.database() + to.client() - from.client();
    double capacity = Math.max(1e-9, to.capacity() - from.capacity());
    return new Usage(
        executions,
        (to.at() - from.at()) / 1e9,
        (to.server() - from.server()) * perExecution,
        (to.database() - from.database()) * perExecution,
        (to.client() - from.client()) * perExecution,
        (to.counters().walBytes() - from.counters().walBytes()) / (double) Math.max(1, executions),
        Math.max(0, (to.busy() - from.busy() - own) / capacity),
        Upkeep.between(from.counters(), to.counters(), executions));
  }

  public double rate() {
    return executions / seconds;
  }

  public double cpuMicros() {
    return serverMicros + databaseMicros + clientMicros;
  }
}
