// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.protocol.json.Problem;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How a request ended. */
public sealed interface Answer {
  /**
   * Status 2xx.
   *
   * @param body JSON null when there was none
   */
  record Ok(int status, JsonNode body, HttpHeaders headers) implements Answer {}

  /** Any other status: a problem document, or what could be made of the answer. */
  record Refused(
      int status,
      String title,
      @Nullable String detail,
      List<Problem> errors,
      Optional<Duration> retryAfter)
      implements Answer {
    public Refused {
      errors = List.copyOf(errors);
    }

    /** Whether the same request may be answered otherwise in a moment. */
    boolean isTemporary() {
      return status == 429 || status >= 500;
    }

    /** For the operator: the title, the detail, each error with its pointer. */
    List<String> lines() {
      List<String> lines = new ArrayList<>();
      lines.add(Printable.text(title) + " (" + status + ")");
      if (detail != null) {
        lines.add("  " + Printable.text(detail));
      }
      for (Problem error : errors) {
        lines.add("  " + pointer(error) + Printable.text(error.message()));
      }
      retryAfter.ifPresent(wait -> lines.add("  try again in " + wait.toSeconds() + " s"));
      return lines;
    }

    private static String pointer(Problem error) {
      return error.pointer().isEmpty() ? "" : Printable.text(error.pointer()) + ": ";
    }
  }

  /**
   * No connection, no answer in time, or none that can be used.
   *
   * @param perhapsReceived whether the server may have acted on the request
   */
  record Unreachable(String reason, boolean perhapsReceived) implements Answer {}
}
