// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.List;

/** The registry in the shape of a manifest: what applying would be without effect. */
final class RegistryView {
  /** Where things stand that are no part of a manifest. */
  private static final String NOWHERE = "";

  private RegistryView() {}

  static Manifest manifest(Registry registry) {
    return new Manifest(
        registry.participants().stream().map(participant -> entry(registry, participant)).toList());
  }

  static Manifest.Entry entry(Registry registry, Participant participant) {
    return new Manifest.Entry(
        NOWHERE,
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
                new Manifest.ServerEntry(NOWHERE, server.name(), server.region(), server.labels()))
            .toList(),
        registry.configurations().stream()
            .filter(configuration -> configuration.participantId() == participant.id())
            .map(RegistryView::entry)
            .toList(),
        exposures(participant));
  }

  private static Manifest.ConfigurationEntry entry(Configuration configuration) {
    return new Manifest.ConfigurationEntry(
        NOWHERE,
        configuration.name(),
        configuration.customer(),
        configuration.hosts(),
        configuration.deployments());
  }

  private static List<Manifest.ExposureEntry> exposures(Participant participant) {
    return participant.exposures().stream()
        .map(exposure -> new Manifest.ExposureEntry(NOWHERE, exposure))
        .toList();
  }
}
