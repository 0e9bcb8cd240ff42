// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.protocol.edge.EdgeLimits;
import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes results that keep within the limits of the wire. */
public final class Results {
  private Results() {}

  /** Not begun: to be handed out again. */
  public static ResultItem released(LeaseId id, String code, String message) {
    return item(id, Outcome.RELEASED, code, message, null, null, null, null);
  }

  static ResultItem rejected(LeaseId id, String code, String message) {
    return item(id, Outcome.REJECTED, code, message, null, null, null, null);
  }

  static ResultItem failed(LeaseId id, String code, String message, Duration took) {
    return item(id, Outcome.FAILED, code, message, null, took, null, null);
  }

  static ResultItem of(LeaseId id, CacheReply reply, Duration took) {
    return switch (reply) {
      case CacheReply.Done(var code, var objects, var message, var data) ->
          item(id, Outcome.SUCCEEDED, code, message, objects, took, data, null);
      case CacheReply.Failed(var code, var message, var retry) ->
          item(id, Outcome.FAILED, code, message, null, took, null, retry ? null : false);
      case CacheReply.Unreachable(var code, var message, var begun) ->
          begun ? failed(id, code, message, took) : released(id, code, message);
      case CacheReply.Rejected(var code, var message) ->
          item(id, Outcome.REJECTED, code, message, null, took, null, null);
    };
  }

  /** What is known from an earlier lease, under this one. */
  static ResultItem again(LeaseId id, ResultItem earlier) {
    return new ResultItem(
        id.command(),
        id.lease(),
        earlier.outcome(),
        earlier.code(),
        earlier.message(),
        earlier.objects(),
        earlier.durationMillis(),
        earlier.data(),
        earlier.retry());
  }

  /**
   * Whether the queue server will hand out the execution again before the later ones of its key.
   */
  static boolean breaksRun(ResultItem result) {
    return result.outcome().equals(Outcome.RELEASED.wire())
        || (result.outcome().equals(Outcome.FAILED.wire())
            && !Boolean.FALSE.equals(result.retry()));
  }

  private static ResultItem item(
      LeaseId id,
      Outcome outcome,
      String code,
      String message,
      @Nullable Long objects,
      @Nullable Duration took,
      @Nullable JsonNode data,
      @Nullable Boolean retry) {
    return new ResultItem(
        id.command(),
        id.lease(),
        outcome.wire(),
        code.substring(0, Math.min(code.length(), EdgeLimits.MAX_CODE)),
        cut(message),
        objects,
        took == null ? null : took.toMillis(),
        data == null || Json.MAPPER.writeValueAsBytes(data).length > EdgeLimits.MAX_DATA_BYTES
            ? null
            : data,
        retry);
  }

  private static String cut(String message) {
    if (message.getBytes(UTF_8).length <= EdgeLimits.MAX_MESSAGE_BYTES) {
      return message;
    }
    int end = Math.min(message.length(), EdgeLimits.MAX_MESSAGE_BYTES - 3);
    while (message.substring(0, end).getBytes(UTF_8).length > EdgeLimits.MAX_MESSAGE_BYTES - 3) {
      end--;
    }
    if (Character.isHighSurrogate(message.charAt(end - 1))) {
      end--;
    }
    return message.substring(0, end) + "…";
  }
}
