// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.Locale;

/** Commands as the contract writes them, for scripts of the fake server. */
final class CommandJson {
  private CommandJson() {}

  /** Two participants, alpha with two targets and beta with one. */
  static String of(String id, String state, int version, int alphaDone, int betaDone) {
    boolean ended = !state.equals("active") && !state.equals("pending");
    return """
    {"id": "%s", "operation": "purge", "state": "%s", "origin": "alpha",
     "target": {"configuration": "alpha/acme-www"}, "parameters": {}, "options": {},
     "createdAt": "2026-03-01T12:00:00Z", "completedAt": %s, "version": %d,
     "asOf": "2026-03-01T12:00:01.500Z",
     "totals": %s,
     "participants": [
       {"participant": "alpha", "delivery": "poll", "state": "%s", "totals": %s},
       {"participant": "beta", "delivery": "poll", "state": "%s", "totals": %s}]}
    """
        .formatted(
            id,
            state,
            ended ? "\"2026-03-01T12:00:00.184Z\"" : "null",
            version,
            totals(3, alphaDone + betaDone, 0),
            alphaDone == 2 ? "complete" : "active",
            totals(2, alphaDone, 0),
            betaDone == 1 ? "complete" : "active",
            totals(1, betaDone, 0));
  }

  static String totals(int targeted, int succeeded, int failed) {
    return String.format(
        Locale.ROOT,
        "{\"targeted\": %d, \"pending\": %d, \"leased\": 0, \"succeeded\": %d, \"failed\": %d,"
            + " \"rejected\": 0, \"expired\": 0, \"cancelled\": 0, \"processed\": 0}",
        targeted,
        targeted - succeeded - failed,
        succeeded,
        failed);
  }

  /** One of two ended badly. */
  static String failed(String id) {
    return """
    {"id": "%s", "operation": "purge", "state": "failed", "createdAt": "2026-03-01T12:00:00Z",
     "completedAt": "2026-03-01T12:01:00Z", "version": 2, "asOf": "2026-03-01T12:01:00Z",
     "totals": %s,
     "participants": [{"participant": "alpha", "delivery": "poll", "state": "failed", "totals": %s}]}
    """
        .formatted(id, totals(2, 1, 1), totals(2, 1, 1));
  }
}
