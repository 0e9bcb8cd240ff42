// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.goal;

/**
 * What the queue has to reach on a machine of two cores that clients, server and PostgreSQL share,
 * with durable commits. The numbers are part of what was ordered: not to be changed to fit.
 */
public enum Figure {
  RAW("raw / floor", Goal.atLeast(0.50, 0.80)),
  STEADY_WIDE("steady, capacity 50 / raw", Goal.atLeast(0.45, 0.70)),
  STEADY_NARROW("steady, capacity 10 / raw", Goal.atLeast(0.30, 0.50)),
  COMPLETE("fanout: complete, ms", Goal.atMost(250, 100)),
  ACCEPTED("fanout: accepted, ms", Goal.atMost(1_500, 400)),
  LATENCY_MEDIAN("latency: p50, ms", Goal.atMost(4, 2)),
  LATENCY_LATE("latency: p99, ms", Goal.atMost(20, 8)),
  IDLE_STATEMENTS("idle: statements that grow", Goal.atMost(0, 0)),
  IDLE_MEMORY("idle: server, MB resident", Goal.atMost(1_000, 500)),
  IDLE_CPU("idle: server, % of a core", Goal.atMost(10, 2)),
  CHURN("churn: snapshot / none", Goal.atLeast(0.50, 0.80)),
  LOG_WIDE("WAL, capacity 50 / floor", Goal.atMost(1.25, 1.00)),
  LOG_NARROW("WAL, capacity 10 / floor", Goal.atMost(1.25, 1.00)),
  FAIR("fair: beside / alone", Goal.atMost(5, 1.5));

  private final String label;
  private final Goal goal;

  Figure(String label, Goal goal) {
    this.label = label;
    this.goal = goal;
  }

  public String label() {
    return label;
  }

  public Goal goal() {
    return goal;
  }
}
