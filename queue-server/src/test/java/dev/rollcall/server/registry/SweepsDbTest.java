// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.testkit.DatabaseExtension;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a change took away is known until it has ended, whoever is killed meanwhile. */
final class SweepsDbTest {
  private static final String MANIFEST =
      """
      {"participants": [
        {"name": "alpha", "delivery": "poll"},
        {"name": "beta", "delivery": "poll", "servers": [{"name": "fra-01"}, {"name": "fra-02"}, {"name": "fra-03"}],
         "exposures": [{"to": "alpha", "servers": ["*"], "operations": ["purge"], "hosts": ["*"]}]}]}
      """;

  private static final String NARROWED =
      MANIFEST
          .replace(", {\"name\": \"fra-02\"}, {\"name\": \"fra-03\"}", "")
          .replace("purge", "load");

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private Pool pool;
  private RegistryService registry;

  @BeforeEach
  void open() {
    pool =
        Pool.open(
            new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.SUBMIT, 2);
    registry = new RegistryService(pool, pool);
  }

  @AfterEach
  void close() {
    registry.close();
    pool.close();
  }

  private void apply(String manifest, boolean dryRun) {
    var problems = new Problems();
    var body = new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8));
    registry.apply(ManifestParser.parse(body, false, problems), problems, true, dryRun);
  }

  private int server(String name) {
    return Objects.requireNonNull(registry.current().server("beta/" + name)).id();
  }

  private List<Sweeps.Sweep> takeAll(boolean large) {
    Sweeps sweeps =
        new RegistryService(pool, pool).sweeps(); // the node that made the change is gone
    List<Sweeps.Sweep> taken = new ArrayList<>();
    for (Optional<Sweeps.Sweep> next = sweeps.take(large);
        next.isPresent();
        next = sweeps.take(large)) {
      taken.add(next.get());
    }
    return taken;
  }

  @Test
  void a_change_leaves_behind_what_it_took_away_until_somebody_has_ended_it() {
    apply(MANIFEST, false);
    List<Integer> gone = List.of(server("fra-02"), server("fra-03"));
    short beta = Objects.requireNonNull(registry.current().participant("beta")).id();
    assertThat(takeAll(true)).isEmpty();

    apply(NARROWED, false);

    List<Sweeps.Sweep> taken = takeAll(true);
    assertThat(taken)
        .extracting(Sweeps.Sweep::participantId, Sweeps.Sweep::servers)
        .containsExactlyInAnyOrder(tuple(beta, gone), tuple(beta, List.of()));
    assertThat(takeAll(true)).as("somebody is at work on them").isEmpty();
    registry.sweeps().done(taken.getFirst());
    registry.sweeps().giveBack(taken.getFirst(), Duration.ZERO);
    registry.sweeps().giveBack(taken.getLast(), Duration.ZERO);
    assertThat(takeAll(true)).containsExactly(taken.getLast());
    assertThat(registry.sweeps().hold(taken.getFirst())).isFalse();
  }

  @Test
  void what_was_found_to_take_long_is_left_to_who_has_time() {
    apply(MANIFEST, false);
    apply(MANIFEST.replace("purge", "load"), false);
    Sweeps.Sweep sweep = takeAll(false).getFirst();

    registry.sweeps().giveBackAsLarge(sweep);

    assertThat(takeAll(false)).isEmpty();
    assertThat(takeAll(true)).containsExactly(sweep);
  }

  @Test
  void a_dry_run_and_what_only_adds_leave_nothing_behind() {
    apply(MANIFEST, false);
    apply(NARROWED, true);
    apply(
        MANIFEST.replace("\"poll\"},", "\"poll\", \"servers\": [{\"name\": \"lax-01\"}]},"), false);

    assertThat(takeAll(true)).isEmpty();
  }
}
