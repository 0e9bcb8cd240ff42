// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import static dev.rollcall.server.registry.RegistryDiff.Builder.differs;

import dev.rollcall.server.registry.ManifestStore.Table;
import dev.rollcall.server.web.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;

/**
 * Makes the database match a resulting state: compares it with what is there, by name, and writes
 * the differences only. Confined to one transaction.
 */
final class ManifestApply {
  private static final String PARTICIPANT = "participant";

  /** Their numbers stand in the queue's key, beside the lane. */
  private static final int MOST_PARTICIPANTS = 8_191;

  private final ManifestStore writer;
  private final Registry now;
  private final ResultingState wanted;
  private final RegistryDiff.Builder diff = new RegistryDiff.Builder();
  private final Map<String, Manifest.Entry> present = new LinkedHashMap<>();
  private final List<EdgeServer> removedServers = new ArrayList<>();
  private final List<Short> exposingOtherwise = new ArrayList<>();

  ManifestApply(Handle handle, Registry now, ResultingState wanted) {
    this.writer = new ManifestStore(handle);
    this.now = now;
    this.wanted = wanted;
    now.participants().forEach(p -> present.put(p.name(), RegistryView.entry(now, p)));
  }

  RegistryDiff run() {
    writeParticipants();
    Map<String, Short> participants = writer.participantIds();
    writeCustomers(participants);
    writeServers(participants);
    writeConfigurations(participants);
    removeMissing();
    writeExposures(participants);
    return diff.build();
  }

  /** What it took away, after it has run. */
  SweepStore.TakenAway takenAway() {
    return new SweepStore.TakenAway(removedServers, exposingOtherwise);
  }

  private void writeParticipants() {
    numberParticipants();
    List<Manifest.Entry> different = new ArrayList<>();
    for (ResultingState.Side side : wanted.sides().values()) {
      Manifest.Entry before = present.get(side.entry.name());
      if (before == null) {
        diff.created.add(new RegistryDiff.Item(PARTICIPANT, side.entry.name()));
        different.add(side.entry);
        continue;
      }
      List<String> fields = new ArrayList<>();
      differs(fields, "cdnId", before.cdnId(), side.entry.cdnId());
      differs(fields, "delivery", before.delivery(), side.entry.delivery());
      differs(fields, "scope", before.scope(), side.entry.scope());
      differs(fields, "peer", before.peer(), side.entry.peer());
      if (!fields.isEmpty()) {
        different.add(side.entry);
      }
      differs(fields, "exposures", exposures(before.exposures()), exposures(side.exposures()));
      if (!fields.isEmpty()) {
        diff.changed.add(new RegistryDiff.Changed(PARTICIPANT, side.entry.name(), fields));
      }
    }
    if (!different.isEmpty()) {
      writer.participants(different);
    }
  }

  private void numberParticipants() {
    long made = wanted.sides().keySet().stream().filter(name -> !present.containsKey(name)).count();
    if (made == 0) {
      return;
    }
    int ever = writer.renumberParticipants();
    if (ever + made > MOST_PARTICIPANTS) {
      throw ApiException.conflict(
          "conflict",
          "There have been "
              + ever
              + " participants, with those that were removed; "
              + made
              + " more are beyond the "
              + MOST_PARTICIPANTS
              + " that a registry can ever have.");
    }
  }

  private static List<Participant.Exposure> exposures(List<Manifest.ExposureEntry> entries) {
    return entries.stream().map(Manifest.ExposureEntry::exposure).toList();
  }

  private void writeCustomers(Map<String, Short> participants) {
    List<ManifestStore.CustomerRow> rows = new ArrayList<>();
    for (ResultingState.Side side : wanted.sides().values()) {
      for (String customer : side.customers.keySet()) {
        String fullName = side.entry.name() + "/" + customer;
        if (now.customer(fullName) == null) {
          diff.created.add(new RegistryDiff.Item("customer", fullName));
          rows.add(new ManifestStore.CustomerRow(id(participants, side), customer));
        }
      }
    }
    if (!rows.isEmpty()) {
      writer.customers(rows);
    }
  }

  private void writeServers(Map<String, Short> participants) {
    List<ManifestStore.ServerRow> rows = new ArrayList<>();
    for (ResultingState.Side side : wanted.sides().values()) {
      short participant = id(participants, side);
      if (!side.isPoll() && now.server(side.entry.name() + "/" + EdgeServer.GATEWAY) == null) {
        rows.add(
            new ManifestStore.ServerRow(
                participant, EdgeServer.GATEWAY, null, Map.of(), List.of()));
      }
      for (Manifest.ServerEntry server : side.servers.values()) {
        String fullName = side.entry.name() + "/" + server.name();
        EdgeServer before = now.server(fullName);
        List<String> fields = new ArrayList<>();
        if (before == null) {
          diff.created.add(new RegistryDiff.Item("server", fullName));
        } else {
          differs(fields, "region", before.region(), server.region());
          differs(fields, "labels", before.labels(), server.labels());
          differs(fields, "addresses", before.addresses(), server.addresses());
          if (!fields.isEmpty()) {
            diff.changed.add(new RegistryDiff.Changed("server", fullName, fields));
          }
        }
        if (before == null || !fields.isEmpty()) {
          rows.add(
              new ManifestStore.ServerRow(
                  participant,
                  server.name(),
                  server.region(),
                  server.labels(),
                  server.addresses()));
        }
      }
    }
    if (!rows.isEmpty()) {
      writer.servers(rows);
    }
  }

  private void writeConfigurations(Map<String, Short> participants) {
    Map<String, Integer> customers = writer.ids(Table.CUSTOMER);
    List<ManifestStore.ConfigurationRow> rows = new ArrayList<>();
    Map<String, Manifest.ConfigurationEntry> different = new LinkedHashMap<>();
    for (ResultingState.Side side : wanted.sides().values()) {
      for (Manifest.ConfigurationEntry configuration : side.configurations.values()) {
        String fullName = side.entry.name() + "/" + configuration.name();
        if (noteConfiguration(fullName, configuration)) {
          different.put(fullName, configuration);
          String customer = configuration.customer();
          rows.add(
              new ManifestStore.ConfigurationRow(
                  id(participants, side),
                  configuration.name(),
                  customer == null ? null : customers.get(side.entry.name() + "/" + customer)));
        }
      }
    }
    if (!rows.isEmpty()) {
      writer.configurations(rows);
    }
    clearAndFill(different, participants);
  }

  private boolean noteConfiguration(String fullName, Manifest.ConfigurationEntry configuration) {
    Configuration before = now.configuration(fullName);
    if (before == null) {
      diff.created.add(new RegistryDiff.Item("configuration", fullName));
      return true;
    }
    List<String> fields = new ArrayList<>();
    differs(fields, "customer", before.customer(), configuration.customer());
    differs(fields, "hosts", before.hosts(), configuration.hosts());
    differs(
        fields,
        "deployments",
        new HashSet<>(before.deployments()),
        new HashSet<>(configuration.deployments()));
    if (fields.isEmpty()) {
      return false;
    }
    diff.changed.add(new RegistryDiff.Changed("configuration", fullName, fields));
    return true;
  }

  private void clearAndFill(
      Map<String, Manifest.ConfigurationEntry> different, Map<String, Short> participants) {
    List<Integer> gone = new ArrayList<>();
    for (Configuration configuration : now.configurations()) {
      if (different.containsKey(configuration.fullName()) || isGone(configuration)) {
        gone.add(configuration.id());
      }
    }
    if (!gone.isEmpty()) {
      writer.clearConfigurations(gone.stream().mapToInt(Integer::intValue).toArray());
    }
    if (different.isEmpty()) {
      return;
    }
    Map<String, Integer> ids = writer.ids(Table.CONFIGURATION);
    Map<String, Integer> servers = writer.ids(Table.SERVER);
    List<ManifestStore.HostRow> hosts = new ArrayList<>();
    List<ManifestStore.DeploymentRow> deployments = new ArrayList<>();
    different.forEach((fullName, configuration) -> {
      int id = Objects.requireNonNull(ids.get(fullName));
      for (int i = 0; i < configuration.hosts().size(); i++) {
        hosts.add(new ManifestStore.HostRow(id, configuration.hosts().get(i).toString(), i));
      }
      for (Configuration.Deployment deployment : configuration.deployments()) {
        deployments.add(
            new ManifestStore.DeploymentRow(
                id,
                Objects.requireNonNull(participants.get(deployment.participant())),
                deployment.server().equals("*") ? null : servers.get(deployment.toString())));
      }
    });
    writer.hosts(hosts);
    writer.deployments(deployments);
  }

  private boolean isGone(Configuration configuration) {
    ResultingState.Side side = wanted.sides().get(ownerOf(configuration.fullName()));
    return side == null || !side.configurations.containsKey(configuration.name());
  }

  private static String ownerOf(String fullName) {
    return fullName.substring(0, fullName.indexOf('/'));
  }

  private void removeMissing() {
    Map<Table, List<Integer>> gone = new HashMap<>();
    for (Configuration configuration : now.configurations()) {
      if (isGone(configuration)) {
        noteRemoved(gone, Table.CONFIGURATION, configuration.id(), configuration.fullName());
      }
    }
    for (EdgeServer server : now.servers()) {
      ResultingState.Side side = wanted.sides().get(ownerOf(server.fullName()));
      boolean stays =
          side != null
              && (server.name().equals(EdgeServer.GATEWAY)
                  ? !side.isPoll()
                  : side.isPoll() && side.servers.containsKey(server.name()));
      if (!stays) {
        noteRemoved(gone, Table.SERVER, server.id(), server.fullName());
        removedServers.add(server);
      }
    }
    for (Customer customer : now.customers()) {
      ResultingState.Side side = wanted.sides().get(ownerOf(customer.fullName()));
      if (side == null || !side.customers.containsKey(customer.name())) {
        noteRemoved(gone, Table.CUSTOMER, customer.id(), customer.fullName());
      }
    }
    gone.forEach((table, ids) -> writer.remove(table, ids.stream().mapToInt(i -> i).toArray()));
    removeParticipants();
  }

  private void noteRemoved(Map<Table, List<Integer>> gone, Table table, int id, String fullName) {
    gone.computeIfAbsent(table, t -> new ArrayList<>()).add(id);
    if (!fullName.endsWith("/" + EdgeServer.GATEWAY)) {
      diff.removed.add(
          new RegistryDiff.Item(table.name().toLowerCase(java.util.Locale.ROOT), fullName));
    }
  }

  private void removeParticipants() {
    Collection<Participant> gone =
        now.participants().stream().filter(p -> !wanted.sides().containsKey(p.name())).toList();
    if (!gone.isEmpty()) {
      gone.forEach(p -> {
        diff.exposures(p.name(), p.exposures(), List.of());
        diff.removed.add(new RegistryDiff.Item(PARTICIPANT, p.name()));
      });
      short[] ids = new short[gone.size()];
      int i = 0;
      for (Participant participant : gone) {
        ids[i++] = participant.id();
      }
      writer.removeParticipants(ids);
    }
  }

  private void writeExposures(Map<String, Short> participants) {
    for (ResultingState.Side side : wanted.sides().values()) {
      Manifest.Entry before = present.get(side.entry.name());
      List<Participant.Exposure> after = exposures(side.exposures());
      if (before == null ? !after.isEmpty() : !exposures(before.exposures()).equals(after)) {
        writer.replaceExposures(id(participants, side), after, participants);
        diff.exposures(
            side.entry.name(), before == null ? List.of() : exposures(before.exposures()), after);
        if (before != null && !before.exposures().isEmpty()) {
          exposingOtherwise.add(id(participants, side));
        }
      }
    }
  }

  private static short id(Map<String, Short> participants, ResultingState.Side side) {
    return Objects.requireNonNull(participants.get(side.entry.name()));
  }
}
