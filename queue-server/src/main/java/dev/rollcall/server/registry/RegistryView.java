// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.List;

/** The registry in the shape of a manifest: what applying would be without effect. */
final class RegistryView {
  private RegistryView() {}

  static Manifest.Entry entry(Registry registry, Participant participant) {
    return new Manifest.Entry(
        null,
        participant.name(),
        participant.cdnId(),
        participant.delivery(),
        participant.scope(),
        participant.peer(),
        registry.customersOf(participant.id()).stream().map(Customer::name).toList(),
        registry.serversOf(participant.id()).stream()
            .filter(server -> !server.name().equals(EdgeServer.GATEWAY))
            .map(RegistryView::entry)
            .toList(),
        registry.configurationsOf(participant.id()).stream().map(RegistryView::entry).toList(),
        exposures(participant));
  }

  /** Without what belongs to it. */
  static Manifest.Entry alone(Participant participant) {
    return new Manifest.Entry(
        null,
        participant.name(),
        participant.cdnId(),
        participant.delivery(),
        participant.scope(),
        participant.peer(),
        List.of(),
        List.of(),
        List.of(),
        exposures(participant));
  }

  static Manifest.ServerEntry entry(EdgeServer server) {
    return new Manifest.ServerEntry(
        null, server.name(), server.region(), server.labels(), server.addresses());
  }

  static Manifest.ConfigurationEntry entry(Configuration configuration) {
    return new Manifest.ConfigurationEntry(
        null,
        configuration.name(),
        configuration.customer(),
        configuration.hosts(),
        configuration.deployments());
  }

  private static List<Manifest.ExposureEntry> exposures(Participant participant) {
    return participant.exposures().stream()
        .map(exposure -> new Manifest.ExposureEntry(null, exposure))
        .toList();
  }
}
