// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads one thing of the registry as a manifest would name it. Its name stands in its address, and
 * may stand in the document too.
 */
final class ResourceReader {
  private static final String NAME = "name";
  private static final String DEPLOYMENTS = "deployments";
  private static final String HERE = "";

  private final Place place;
  private final Problems problems;
  private final ManifestReader reader;
  private final ManifestReader.Parts parts = new ManifestReader.Parts(HERE);

  private ResourceReader(Place place, Problems problems) {
    this.place = place;
    this.problems = problems;
    this.reader = new ManifestReader(problems);
  }

  /** The change that a document asks for; what is wrong with it is noted. */
  static Edit read(Place place, JsonNode document, Problems problems) {
    var reader = new ResourceReader(place, problems);
    return switch (place.kind()) {
      case DEPLOYMENTS -> reader.deployments(document);
      case SUSPENSION -> reader.suspension(document);
      default -> reader.named(document);
    };
  }

  private Edit named(JsonNode document) {
    ObjectNode named = withName(document);
    if (place.kind() == Place.Kind.PARTICIPANT) {
      return new Edit.PutParticipant(place, participant(named));
    }
    reader.element(parts, place.kind().list(), HERE, named);
    return switch (place.kind()) {
      case SERVER -> new Edit.PutServer(place, only(parts.servers));
      case CONFIGURATION -> new Edit.PutConfiguration(place, only(parts.configurations));
      case EXPOSURE -> new Edit.PutExposure(place, only(parts.exposures));
      default -> new Edit.PutCustomer(place);
    };
  }

  private static <T> @Nullable T only(List<T> read) {
    return read.isEmpty() ? null : read.getFirst();
  }

  private ObjectNode withName(JsonNode document) {
    String name = place.kind() == Place.Kind.PARTICIPANT ? place.participant() : place.name();
    ObjectNode named = Json.MAPPER.createObjectNode().put(NAME, name);
    Fields fields = Fields.of(document, HERE, problems);
    String given = fields.text(NAME, 1_000);
    if (given != null && !given.equals(name)) {
      fields.problem(
          NAME, "is " + Problems.shown(given) + ", but the address says " + Problems.shown(name));
    }
    document.properties().stream()
        .filter(field -> !field.getKey().equals(NAME))
        .forEach(field -> named.set(field.getKey(), field.getValue()));
    return named;
  }

  private Manifest.@Nullable Entry participant(ObjectNode document) {
    for (String list : ManifestReader.LISTS) {
      JsonNode elements = document.remove(list);
      if (elements != null && elements.isArray()) {
        for (int i = 0; i < elements.size(); i++) {
          reader.element(parts, list, i, elements.get(i));
        }
      } else if (elements != null && !elements.isNull()) {
        problems.add("/" + list, "must be an array");
      }
    }
    return reader.participant(parts, document);
  }

  private Edit suspension(JsonNode document) {
    Fields fields = Fields.of(document, HERE, problems);
    String queued = fields.word("queued", List.of("hold", "end"));
    fields.done();
    return new Edit.Suspend(place, Participant.Suspension.of(queued == null ? "hold" : queued));
  }

  private Edit deployments(JsonNode document) {
    JsonNode object =
        document.isArray() ? Json.MAPPER.createObjectNode().set(DEPLOYMENTS, document) : document;
    Fields fields = Fields.of(Objects.requireNonNull(object), HERE, problems);
    fields.require(DEPLOYMENTS);
    List<Configuration.Deployment> deployments = reader.deployments(fields);
    fields.done();
    return new Edit.PutDeployments(place, deployments);
  }
}
