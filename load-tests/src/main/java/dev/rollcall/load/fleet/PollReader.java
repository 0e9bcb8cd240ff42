// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import dev.rollcall.load.history.Judgement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the answer to a poll as a stream and keeps of it only what an edge must know. Cancelled
 * leases are not among it: an edge that executes at once has reported them before it could be told.
 * Confined to one thread.
 */
final class PollReader {
  /** Told of each item in the order of the answer. */
  interface Listener {
    void verdict(int position, String command, long lease, Judgement judgement);

    void execution(String command, long lease, long leaseSeconds);
  }

  private final JsonFactory factory = new JsonFactory();
  private final Map<String, Judgement> judgements = new HashMap<>();
  private double pollAfterSeconds;

  PollReader() {
    for (Judgement judgement : Judgement.values()) {
      judgements.put(judgement.name().toLowerCase(Locale.ROOT), judgement);
    }
  }

  /** Of the answer that was read last. */
  double pollAfterSeconds() {
    return pollAfterSeconds;
  }

  void read(byte[] bytes, int from, int length, Listener listener) {
    pollAfterSeconds = 0;
    try (JsonParser json = factory.createParser(ObjectReadContext.empty(), bytes, from, length)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "results" -> readVerdicts(json, listener);
          case "executions" -> readExecutions(json, listener);
          case "pollAfterSeconds" -> pollAfterSeconds = json.getDoubleValue();
          default -> skip(json, value);
        }
      }
    }
  }

  private void readVerdicts(JsonParser json, Listener listener) {
    for (int position = 0; json.nextToken() == JsonToken.START_OBJECT; position++) {
      String command = "";
      long lease = -1;
      Judgement judgement = Judgement.NONE;
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "command" -> command = json.getString();
          case "lease" -> lease = json.getLongValue();
          case "verdict" -> judgement = judgements.getOrDefault(json.getString(), Judgement.NONE);
          default -> skip(json, value);
        }
      }
      listener.verdict(position, command, lease, judgement);
    }
  }

  private static void readExecutions(JsonParser json, Listener listener) {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      String command = "";
      long lease = 0;
      long leaseSeconds = 0;
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "command" -> command = json.getString();
          case "lease" -> lease = json.getLongValue();
          case "leaseSeconds" -> leaseSeconds = (long) json.getDoubleValue();
          default -> skip(json, value);
        }
      }
      listener.execution(command, lease, leaseSeconds);
    }
  }

  private static void skip(JsonParser json, JsonToken value) {
    if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
      json.skipChildren();
    }
  }
}
