// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.List;

/** The registry in the shape of a manifest: what applying would be without effect. */
final class RegistryView {
  private RegistryView() {}

  static Manifest manifest(Registry registry) {
    return new Manifest(
        registry.participants().stream().map(participant -> entry(registry, participant)).toList());
  }

  static Manifest.Entry entry(Registry registry, Participant participant) {
    String pointer = "/(present)/" + participant.name();
    return new Manifest.Entry(
        pointer,
        participant.name(),
        participant.cdnId(),
        participant.delivery(),
        participant.scope(),
        participant.peer(),
        registry.customers().stream()
            .filter(customer -> customer.participantId() == participant.id())
            .map(Customer::name)
            .toList(),
        registry.serversOf(participant.id()).stream()
            .filter(server -> !server.name().equals(EdgeServer.GATEWAY))
            .map(server ->
                new Manifest.ServerEntry(
                    pointer + "/servers/" + server.name(),
                    server.name(),
                    server.region(),
                    server.labels()))
            .toList(),
        registry.configurations().stream()
            .filter(configuration -> configuration.participantId() == participant.id())
            .map(configuration -> entry(pointer, configuration))
            .toList(),
        exposures(pointer, participant));
  }

  private static Manifest.ConfigurationEntry entry(String pointer, Configuration configuration) {
    return new Manifest.ConfigurationEntry(
        pointer + "/configurations/" + configuration.name(),
        configuration.name(),
        configuration.customer(),
        configuration.hosts(),
        configuration.deployments());
  }

  private static List<Manifest.ExposureEntry> exposures(String pointer, Participant participant) {
    return participant.exposures().stream()
        .map(exposure -> new Manifest.ExposureEntry(pointer + "/exposures", exposure))
        .toList();
  }
}
