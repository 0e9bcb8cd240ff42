// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The counts of a rollup. */
public record Totals(
    int targeted,
    int pending,
    int leased,
    int succeeded,
    int failed,
    int rejected,
    int expired,
    int cancelled,
    int processed) {

  static Totals read(JsonNode totals) {
    return new Totals(
        totals.path("targeted").asInt(0),
        totals.path("pending").asInt(0),
        totals.path("leased").asInt(0),
        totals.path("succeeded").asInt(0),
        totals.path("failed").asInt(0),
        totals.path("rejected").asInt(0),
        totals.path("expired").asInt(0),
        totals.path("cancelled").asInt(0),
        totals.path("processed").asInt(0));
  }

  public int ended() {
    return succeeded + processed + bad();
  }

  /** What ended otherwise than it should. */
  public int bad() {
    return failed + rejected + expired + cancelled;
  }

  /** The counts that are not zero, without what succeeded: "2 failed, 1 leased". */
  String details() {
    return words(false);
  }

  /** As {@link #details}, beginning with what succeeded; without what has not ended. */
  String ends() {
    return words(true);
  }

  private String words(boolean ends) {
    List<String> words = new ArrayList<>();
    if (ends) {
      words.add(succeeded + " succeeded");
    }
    add(words, processed, "processed");
    add(words, failed, "failed");
    add(words, rejected, "rejected");
    add(words, expired, "expired");
    add(words, cancelled, "cancelled");
    if (!ends) {
      add(words, leased, "leased");
      add(words, pending, "pending");
    }
    return String.join(", ", words);
  }

  private static void add(List<String> words, int count, String word) {
    if (count > 0) {
      words.add(count + " " + word);
    }
  }
}
