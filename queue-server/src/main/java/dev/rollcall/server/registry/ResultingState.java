// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostRule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The registry as it would be with a manifest applied, by names alone, and whether that holds
 * together. Confined to one thread.
 */
final class ResultingState {
  /** A participant as it would be. */
  static final class Side {
    Manifest.Entry entry;
    final Map<String, Manifest.ServerEntry> servers = new LinkedHashMap<>();
    final Map<String, Manifest.ConfigurationEntry> configurations = new LinkedHashMap<>();
    final Map<String, String> customers = new LinkedHashMap<>();
    private List<Manifest.ExposureEntry> exposures = List.of();

    /** The names of the servers that are exposed, by to whom. */
    private final Map<String, Set<String>> exposedTo = new HashMap<>();

    Side(Manifest.Entry entry) {
      this.entry = entry;
      expose(entry.exposures());
      entry.servers().forEach(server -> servers.put(server.name(), server));
      entry.configurations().forEach(c -> configurations.put(c.name(), c));
      entry.customers().forEach(customer -> customers.put(customer, customer));
    }

    /** Adds what a manifest that does not name it lets stay. */
    void keep(Side present) {
      if (isPoll()) {
        present.servers.forEach(servers::putIfAbsent);
      }
      present.configurations.forEach(configurations::putIfAbsent);
      present.customers.forEach(customers::putIfAbsent);
    }

    List<Manifest.ExposureEntry> exposures() {
      return exposures;
    }

    /** That, and nothing else. */
    final void expose(List<Manifest.ExposureEntry> entries) {
      exposures = List.copyOf(entries);
      exposedTo.clear();
      for (Manifest.ExposureEntry entry : entries) {
        exposedTo
            .computeIfAbsent(entry.exposure().toParticipant(), one -> new HashSet<>())
            .addAll(entry.exposure().servers());
      }
    }

    /** Where the exposure of this name stands; -1: there is none. */
    int exposureAt(String name) {
      for (int i = 0; i < exposures.size(); i++) {
        if (exposures.get(i).exposure().name().equals(name)) {
          return i;
        }
      }
      return -1;
    }

    /**
     * Whether another participant may deploy there.
     *
     * @param server a name, or {@code *}
     */
    boolean exposes(String to, String server) {
      Set<String> names = exposedTo.get(to);
      return names != null && (server.equals("*") || names.contains("*") || names.contains(server));
    }

    boolean isPoll() {
      return entry.delivery() == Participant.Delivery.POLL;
    }
  }

  private final Map<String, Side> sides = new LinkedHashMap<>();
  private final Registry before;
  private final Problems problems;
  private final boolean discreet;

  private ResultingState(Registry before, Problems problems, boolean discreet) {
    this.before = before;
    this.problems = problems;
    this.discreet = discreet;
  }

  /**
   * With a manifest applied. What stays of the present one stands nowhere in the manifest: its
   * problems have the pointer {@code ""} and name it in words.
   */
  static ResultingState of(Registry now, Manifest manifest, boolean prune, Problems problems) {
    var state = new ResultingState(now, problems, false);
    for (Manifest.Entry entry : manifest.participants()) {
      var side = new Side(entry);
      Participant present = now.participant(entry.name());
      side.expose(
          ExposureNames.named(
              entry.exposures(), present == null ? List.of() : present.exposures()));
      state.sides.put(entry.name(), side);
    }
    if (!prune) {
      for (Participant participant : now.participants()) {
        Side present = new Side(RegistryView.entry(now, participant));
        state.sides.computeIfAbsent(participant.name(), name -> present).keep(present);
      }
    }
    state.check();
    return state;
  }

  /**
   * With one thing changed.
   *
   * @param discreet for who must not learn from a problem what others have
   */
  static ResultingState of(Registry now, Edit edit, boolean discreet, Problems problems) {
    var state = new ResultingState(now, problems, discreet);
    for (Participant participant : now.participants()) {
      state.sides.put(participant.name(), new Side(RegistryView.entry(now, participant)));
    }
    edit.apply(state.sides);
    state.check();
    return state;
  }

  Map<String, Side> sides() {
    return sides;
  }

  private void check() {
    for (Side side : sides.values()) {
      checkExposures(side);
      side.configurations.values().forEach(c -> checkConfiguration(side, c));
    }
    checkHosts();
  }

  private void checkExposures(Side side) {
    for (Manifest.ExposureEntry entry : side.exposures()) {
      Participant.Exposure exposure = entry.exposure();
      if (exposure.toParticipant().equals(side.entry.name())) {
        problem(entry.pointer(), "/to", "is the participant itself");
      } else if (!sides.containsKey(exposure.toParticipant())) {
        problem(
            entry.pointer(),
            "/to",
            "is " + Problems.shown(exposure.toParticipant()) + ", which is no participant");
      }
      for (String server : exposure.servers()) {
        if (!server.equals("*") && !side.servers.containsKey(server)) {
          problem(
              entry.pointer(),
              "/servers",
              "names " + Problems.shown(server) + ", which is no server of " + side.entry.name());
        }
      }
    }
  }

  private void checkConfiguration(Side side, Manifest.ConfigurationEntry configuration) {
    String customer = configuration.customer();
    if (customer != null && !side.customers.containsKey(customer)) {
      problem(
          configuration.pointer(),
          "/customer",
          "is " + Problems.shown(customer) + ", which is no customer of " + side.entry.name());
    }
    List<Configuration.Deployment> deployments = configuration.deployments();
    for (int i = 0; i < deployments.size(); i++) {
      String wrong = whatIsWrong(side, configuration.name(), deployments.get(i));
      if (wrong != null) {
        problem(
            configuration.pointer(),
            "/deployments/" + i,
            side.entry.name()
                + "/"
                + configuration.name()
                + " on "
                + deployments.get(i)
                + ": "
                + wrong);
      }
    }
  }

  private @Nullable String whatIsWrong(
      Side side, String configuration, Configuration.Deployment deployment) {
    String wrong = whatIsWrongThere(side, deployment);
    if (!discreet || deployment.participant().equals(side.entry.name())) {
      return wrong;
    }
    return wrong == null && mayDeploy(side, configuration, deployment)
        ? null
        : "it is not there, or not exposed to " + side.entry.name();
  }

  /**
   * Who delivers by a system of its own exposes no server; without an exposure an operator decides
   * who deploys there, else anybody could, and try out who is there.
   */
  private boolean mayDeploy(Side side, String configuration, Configuration.Deployment deployment) {
    Configuration present = before.configuration(side.entry.name() + "/" + configuration);
    Side executing = sides.get(deployment.participant());
    return (executing != null && executing.exposes(side.entry.name(), deployment.server()))
        || (present != null && present.deployments().contains(deployment));
  }

  private @Nullable String whatIsWrongThere(Side side, Configuration.Deployment deployment) {
    Side executing = sides.get(deployment.participant());
    if (executing == null) {
      return "there is no such participant";
    }
    boolean all = deployment.server().equals("*");
    if (!executing.isPoll()) {
      return all ? null : "the servers of one that does not pull are deployed to as participant/*";
    }
    if (!all && !executing.servers.containsKey(deployment.server())) {
      return "there is no such server";
    }
    if (executing == side) {
      return null;
    }
    return executing.exposes(side.entry.name(), deployment.server())
        ? null
        : deployment.participant() + " does not expose it to " + side.entry.name();
  }

  private void problem(@Nullable String pointer, String below, String message) {
    problems.add(at(pointer, below), message);
  }

  /** What is no part of the document stands nowhere in it, nor does what is below. */
  private static String at(@Nullable String pointer, String below) {
    return pointer == null ? "" : pointer + below;
  }

  private static String owner(Claim claim) {
    return claim.owner().substring(0, claim.owner().indexOf('/'));
  }

  /**
   * @param number claims are told of those before them
   */
  private record Claim(int number, String owner, @Nullable String pointer, HostRule rule) {}

  private void checkHosts() {
    Map<HostRule, Claim> claims = new LinkedHashMap<>();
    for (Side side : sides.values()) {
      for (Manifest.ConfigurationEntry configuration : side.configurations.values()) {
        String owner = side.entry.name() + "/" + configuration.name();
        String pointer = configuration.pointer();
        for (int i = 0; i < configuration.hosts().size(); i++) {
          HostRule rule = configuration.hosts().get(i);
          String at = pointer == null ? null : pointer + "/hosts/" + i;
          var claim = new Claim(claims.size(), owner, at, rule);
          refuseIfTaken(claims.putIfAbsent(rule, claim), claim);
        }
      }
    }
    for (Claim claim : claims.values()) {
      for (HostRule rule : claim.rule().above()) {
        Claim above = claims.get(rule);
        if (above != null && above.number() < claim.number()) {
          refuseIfTaken(above, claim);
        } else if (above != null) {
          refuseIfTaken(claim, above);
        }
      }
    }
  }

  /** Told where the manifest says it; what stays was not wrong before. */
  private void refuseIfTaken(@Nullable Claim other, Claim claim) {
    if (other == null || other.owner().equals(claim.owner())) {
      return;
    }
    boolean stays = claim.pointer() == null;
    Claim told = stays ? other : claim;
    Claim against = stays ? claim : other;
    String by =
        against.owner() + (against.rule().equals(told.rule()) ? "" : " (" + against.rule() + ")");
    boolean secret = discreet && !owner(told).equals(owner(against));
    problems.add(
        at(told.pointer(), ""),
        "the host "
            + told.rule()
            + " of "
            + told.owner()
            + " is claimed by "
            + (secret ? "somebody else" : by));
  }
}
