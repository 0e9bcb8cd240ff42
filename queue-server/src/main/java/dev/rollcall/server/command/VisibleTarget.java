// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A command's target as somebody may see it who does not see all of the command: without the names
 * of others' servers. Stateless.
 */
final class VisibleTarget {
  private static final String PARTICIPANTS = "participants";

  private VisibleTarget() {}

  static JsonNode of(ReadStore.CommandRow command, Registry registry, Visibility visibility) {
    return switch (visibility) {
      case Visibility.Whole whole -> command.target();
      case Visibility.None none -> Json.MAPPER.createObjectNode();
      case Visibility.Counts counts ->
          servers(
              command.target(),
              name -> {
                Participant participant = registry.participant(name);
                return participant != null
                    && counts.showsServersOf(registry, participant.id(), command.originId());
              });
      case Visibility.Share share ->
          share(command.target(), registry.participantName(share.participantId()));
    };
  }

  private static JsonNode share(JsonNode target, String participant) {
    JsonNode seen = servers(target, participant::equals);
    seen = texts(seen, PARTICIPANTS, participant::equals);
    JsonNode selector = seen.get("selector");
    if (selector != null && selector.has(PARTICIPANTS)) {
      ObjectNode copy = ((ObjectNode) seen).deepCopy();
      copy.set("selector", texts(selector, PARTICIPANTS, participant::equals));
      return copy;
    }
    return seen;
  }

  private static JsonNode servers(JsonNode target, Predicate<String> ofParticipant) {
    return texts(
        target, "servers", name -> ofParticipant.test(name.substring(0, name.indexOf('/'))));
  }

  private static JsonNode texts(JsonNode object, String field, Predicate<String> seen) {
    JsonNode given = object.get(field);
    if (given == null || !given.isArray()) {
      return object;
    }
    ArrayNode kept = Json.MAPPER.createArrayNode();
    given.forEach(text -> {
      if (seen.test(text.stringValue())) {
        kept.add(text);
      }
    });
    ObjectNode copy = ((ObjectNode) object).deepCopy();
    copy.set(field, kept);
    return copy;
  }
}
