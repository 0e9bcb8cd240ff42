// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How the things of the registry are written; a manifest reads them back. */
final class RegistryJson {
  private static final int TAG_BYTES = 15;

  private RegistryJson() {}

  /** A manifest. */
  record Whole(List<ParticipantView> participants) {}

  /**
   * @param customers with servers and configurations null where the participant is shown alone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ParticipantView(
      String name,
      @Nullable String cdnId,
      String delivery,
      String scope,
      @Nullable PeerView peer,
      @Nullable List<CustomerView> customers,
      @Nullable List<ServerView> servers,
      @Nullable List<ConfigurationView> configurations,
      List<ExposureView> exposures)
      implements Named {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PeerView(String protocol, String url, @Nullable String token) {}

  /** What can be listed by name. */
  interface Named {
    String name();
  }

  record CustomerView(String name) implements Named {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ServerView(
      String name, @Nullable String region, Map<String, String> labels, List<String> addresses)
      implements Named {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ConfigurationView(
      String name, @Nullable String customer, List<String> hosts, List<String> deployments)
      implements Named {}

  record DeploymentsView(List<String> deployments) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ExposureView(
      String name,
      String to,
      List<String> servers,
      List<String> operations,
      List<String> hosts,
      @Nullable Integer commandsPerMinute,
      String detail,
      @Nullable Instant until)
      implements Named {}

  /**
   * @param queued what becomes of executions under the exposure
   */
  record SuspensionView(String queued) {}

  static Whole whole(Registry registry) {
    return new Whole(
        registry.participants().stream()
            .map(participant -> whole(RegistryView.entry(registry, participant)))
            .toList());
  }

  private static ParticipantView whole(Manifest.Entry entry) {
    ParticipantView alone = alone(entry, entry.exposures());
    return new ParticipantView(
        alone.name(),
        alone.cdnId(),
        alone.delivery(),
        alone.scope(),
        alone.peer(),
        entry.customers().stream().map(CustomerView::new).toList(),
        entry.servers().stream().map(RegistryJson::view).toList(),
        entry.configurations().stream().map(RegistryJson::view).toList(),
        alone.exposures());
  }

  private static ParticipantView alone(
      Manifest.Entry entry, List<Manifest.ExposureEntry> exposures) {
    Participant.Peer peer = entry.peer();
    return new ParticipantView(
        entry.name(),
        entry.cdnId(),
        entry.delivery().word(),
        entry.scope(),
        peer == null ? null : new PeerView(peer.protocol(), peer.url(), peer.tokenReference()),
        null,
        null,
        null,
        exposures.stream().map(e -> view(e.exposure())).toList());
  }

  private static ServerView view(Manifest.ServerEntry server) {
    return new ServerView(
        server.name(), server.region(), new TreeMap<>(server.labels()), server.addresses());
  }

  private static ConfigurationView view(Manifest.ConfigurationEntry configuration) {
    return new ConfigurationView(
        configuration.name(),
        configuration.customer(),
        configuration.hosts().stream().map(Object::toString).toList(),
        configuration.deployments().stream().map(Object::toString).sorted().toList());
  }

  private static ExposureView view(Participant.Exposure exposure) {
    return new ExposureView(
        exposure.name(),
        exposure.toParticipant(),
        exposure.servers(),
        exposure.operations(),
        exposure.hosts(),
        exposure.commandsPerMinute(),
        exposure.detail(),
        exposure.until());
  }

  /** One thing as it is; null when it is not there. */
  static @Nullable Object view(Registry now, Place place) {
    Participant participant = now.participant(place.participant());
    if (participant == null) {
      return null;
    }
    return switch (place.kind()) {
      case PARTICIPANT -> alone(participant);
      case CUSTOMER ->
          now.customer(place.fullName()) == null ? null : new CustomerView(place.name());
      case SERVER -> {
        EdgeServer server = now.server(place.fullName());
        yield server == null || server.name().equals(EdgeServer.GATEWAY)
            ? null
            : view(RegistryView.entry(server));
      }
      case EXPOSURE, SUSPENSION -> {
        for (Participant.Exposure exposure : participant.exposures()) {
          if (exposure.name().equals(place.name())) {
            yield view(exposure, place.kind());
          }
        }
        yield null;
      }
      case CONFIGURATION, DEPLOYMENTS -> {
        Configuration found = now.configuration(place.fullName());
        yield found == null ? null : view(RegistryView.entry(found), place.kind());
      }
    };
  }

  static ParticipantView alone(Participant participant) {
    Manifest.Entry entry = RegistryView.alone(participant);
    return alone(entry, entry.exposures());
  }

  private static @Nullable Object view(Participant.Exposure exposure, Place.Kind kind) {
    if (kind == Place.Kind.EXPOSURE) {
      return view(exposure);
    }
    Participant.Suspension suspension = exposure.suspension();
    return suspension == null ? null : new SuspensionView(suspension.word());
  }

  private static Object view(Manifest.ConfigurationEntry found, Place.Kind kind) {
    ConfigurationView view = view(found);
    return kind == Place.Kind.DEPLOYMENTS ? new DeploymentsView(view.deployments()) : view;
  }

  /** One thing as it would be; it is there. */
  static Object view(ResultingState state, Place place) {
    ResultingState.Side side = Objects.requireNonNull(state.sides().get(place.participant()));
    return switch (place.kind()) {
      case PARTICIPANT -> alone(side.entry, side.exposures());
      case CUSTOMER -> new CustomerView(place.name());
      case SERVER -> view(Objects.requireNonNull(side.servers.get(place.name())));
      case EXPOSURE, SUSPENSION ->
          Objects.requireNonNull(
              view(side.exposures().get(side.exposureAt(place.name())).exposure(), place.kind()));
      case CONFIGURATION, DEPLOYMENTS ->
          view(Objects.requireNonNull(side.configurations.get(place.name())), place.kind());
    };
  }

  /** All things of one kind that belong to a participant. */
  static List<? extends Named> list(Registry now, Participant participant, Place.Kind kind) {
    return switch (kind) {
      case CUSTOMER ->
          now.customersOf(participant.id()).stream().map(c -> new CustomerView(c.name())).toList();
      case SERVER ->
          now.serversOf(participant.id()).stream()
              .filter(server -> !server.name().equals(EdgeServer.GATEWAY))
              .map(server -> view(RegistryView.entry(server)))
              .toList();
      case CONFIGURATION ->
          now.configurationsOf(participant.id()).stream()
              .map(configuration -> view(RegistryView.entry(configuration)))
              .toList();
      case EXPOSURE -> participant.exposures().stream().map(RegistryJson::view).toList();
      case PARTICIPANT, DEPLOYMENTS, SUSPENSION -> throw new IllegalArgumentException(kind.word());
    };
  }

  /** Changes when what is written does. */
  static String tag(Object view) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(Json.MAPPER.writeValueAsBytes(view));
      return "\"" + Base64.getUrlEncoder().encodeToString(Arrays.copyOf(hash, TAG_BYTES)) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
