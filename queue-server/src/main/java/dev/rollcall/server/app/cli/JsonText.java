// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.protocol.json.Json;
import tools.jackson.databind.JsonNode;

/** JSON for people and programs: indented, and safe on a terminal. */
final class JsonText {
  private JsonText() {}

  static String of(JsonNode node) {
    return Printable.json(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node));
  }
}
