// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.web.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A change of one thing of the registry. What leans on a server, an exposure or a participant that
 * goes, goes with it: nobody may keep another one's from going.
 */
sealed interface Edit {
  Place place();

  /** By name, as {@link ResultingState} has them; the owner of the place is there. */
  void apply(Map<String, ResultingState.Side> sides);

  default boolean makesParticipant() {
    return false;
  }

  /** Whether there is nothing to do where there is nothing. */
  default boolean needsPlace() {
    return false;
  }

  default boolean removes() {
    return false;
  }

  /**
   * Says what would not hold together.
   *
   * @throws dev.rollcall.protocol.json.InvalidDocumentException if there is something
   * @throws ApiException 409 if it is not for what the request says, but for what is there
   */
  default void refuse(Problems problems) {
    problems.throwIfAny();
  }

  private static ResultingState.Side owner(Map<String, ResultingState.Side> sides, Place place) {
    return Objects.requireNonNull(sides.get(place.participant()));
  }

  /**
   * A participant as one entry of a manifest says.
   *
   * @param entry null, here and below: it could not be read, which is a problem already
   */
  record PutParticipant(Place place, Manifest.@Nullable Entry entry) implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      var side = new ResultingState.Side(Objects.requireNonNull(entry));
      ResultingState.Side present = sides.put(entry.name(), side);
      side.expose(
          ExposureNames.named(
              entry.exposures(),
              present == null
                  ? List.of()
                  : present.exposures().stream().map(Manifest.ExposureEntry::exposure).toList()));
      if (present != null) {
        side.keep(present);
      }
    }

    @Override
    public boolean makesParticipant() {
      return true;
    }
  }

  /** A customer, who is nothing but a name. */
  record PutCustomer(Place place) implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      owner(sides, place).customers.put(place.name(), place.name());
    }
  }

  /** A server. */
  record PutServer(Place place, Manifest.@Nullable ServerEntry server) implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      ResultingState.Side owner = owner(sides, place);
      if (!owner.isPoll()) {
        throw ApiException.conflict(
            "conflict", "The servers of " + place.participant() + " are known to its own system.");
      }
      owner.servers.put(place.name(), Objects.requireNonNull(server));
    }
  }

  /** A configuration, with its hosts and deployments. */
  record PutConfiguration(Place place, Manifest.@Nullable ConfigurationEntry configuration)
      implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      owner(sides, place).configurations.put(place.name(), Objects.requireNonNull(configuration));
    }
  }

  /** Where a configuration runs. */
  record PutDeployments(Place place, List<Configuration.Deployment> deployments) implements Edit {
    public PutDeployments {
      deployments = List.copyOf(deployments);
    }

    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      owner(sides, place)
          .configurations
          .computeIfPresent(
              place.name(),
              (name, c) ->
                  new Manifest.ConfigurationEntry("", name, c.customer(), c.hosts(), deployments));
    }

    @Override
    public boolean needsPlace() {
      return true;
    }
  }

  /** An exposure; a suspended one stays so. */
  record PutExposure(Place place, Manifest.@Nullable ExposureEntry exposure) implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      Manifest.ExposureEntry wanted = Objects.requireNonNull(exposure);
      ResultingState.Side owner = owner(sides, place);
      List<Manifest.ExposureEntry> all = new ArrayList<>(owner.exposures());
      int at = owner.exposureAt(place.name());
      Participant.Exposure present = at < 0 ? null : all.get(at).exposure();
      var entry =
          new Manifest.ExposureEntry(
              wanted.pointer(), ExposureNames.inState(wanted.exposure(), place.name(), present));
      if (at < 0) {
        all.add(entry);
      } else {
        all.set(at, entry);
      }
      owner.expose(all);
      undeployUnexposed(sides, owner);
    }
  }

  /**
   * Nothing happens under an exposure for a while.
   *
   * @param suspension null: it goes on
   */
  record Suspend(Place place, Participant.@Nullable Suspension suspension) implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      ResultingState.Side owner = owner(sides, place);
      int at = owner.exposureAt(place.name());
      if (at < 0) {
        throw place.unknown();
      }
      List<Manifest.ExposureEntry> all = new ArrayList<>(owner.exposures());
      Participant.Exposure exposure = all.get(at).exposure();
      all.set(
          at,
          new Manifest.ExposureEntry(
              null, exposure.as(exposure.name(), exposure.expired(), suspension)));
      owner.expose(all);
    }

    @Override
    public boolean needsPlace() {
      return removes();
    }

    @Override
    public boolean removes() {
      return suspension == null;
    }
  }

  /** The thing goes. */
  record Remove(Place place) implements Edit {
    @Override
    public void apply(Map<String, ResultingState.Side> sides) {
      ResultingState.Side owner = owner(sides, place);
      switch (place.kind()) {
        case PARTICIPANT -> removeParticipant(sides, place.participant());
        case CUSTOMER -> owner.customers.remove(place.name());
        case SERVER -> removeServer(sides, owner, place.name());
        case CONFIGURATION -> owner.configurations.remove(place.name());
        case EXPOSURE -> {
          owner.expose(
              owner.exposures().stream()
                  .filter(entry -> !entry.exposure().name().equals(place.name()))
                  .toList());
          undeployUnexposed(sides, owner);
        }
        case DEPLOYMENTS, SUSPENSION -> throw new IllegalArgumentException(place.kind().list());
      }
    }

    @Override
    public boolean needsPlace() {
      return true;
    }

    @Override
    public boolean removes() {
      return true;
    }

    @Override
    public void refuse(Problems problems) {
      if (!problems.isEmpty()) {
        throw ApiException.conflict(
            "conflict", "Something that is there would not hold together.", problems.list());
      }
    }
  }

  private static void removeParticipant(Map<String, ResultingState.Side> sides, String name) {
    sides.remove(name);
    for (ResultingState.Side side : sides.values()) {
      side.expose(
          side.exposures().stream()
              .filter(entry -> !entry.exposure().toParticipant().equals(name))
              .toList());
      undeploy(side, deployment -> deployment.participant().equals(name));
    }
  }

  private static void removeServer(
      Map<String, ResultingState.Side> sides, ResultingState.Side owner, String name) {
    owner.servers.remove(name);
    List<Manifest.ExposureEntry> left = new ArrayList<>();
    for (Manifest.ExposureEntry entry : owner.exposures()) {
      Participant.Exposure exposure = entry.exposure();
      if (!exposure.servers().contains(name)) {
        left.add(entry);
      } else if (exposure.servers().size() > 1) {
        List<String> others =
            exposure.servers().stream().filter(server -> !server.equals(name)).toList();
        left.add(new Manifest.ExposureEntry(null, exposure.on(others)));
      }
    }
    owner.expose(left);
    var gone = new Configuration.Deployment(owner.entry.name(), name);
    sides.values().forEach(side -> undeploy(side, gone::equals));
  }

  private static void undeployUnexposed(
      Map<String, ResultingState.Side> sides, ResultingState.Side owner) {
    for (ResultingState.Side side : sides.values()) {
      if (side != owner && owner.isPoll()) {
        undeploy(
            side,
            deployment ->
                deployment.participant().equals(owner.entry.name())
                    && !owner.exposes(side.entry.name(), deployment.server()));
      }
    }
  }

  private static void undeploy(ResultingState.Side side, Predicate<Configuration.Deployment> gone) {
    side.configurations.replaceAll((name, c) ->
        c.deployments().stream().noneMatch(gone)
            ? c
            : new Manifest.ConfigurationEntry(
                c.pointer(),
                name,
                c.customer(),
                c.hosts(),
                c.deployments().stream().filter(gone.negate()).toList()));
  }
}
