// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who asked to be told of changes is told, whatever the others do. */
final class RegistryListenerDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private final List<String> told = new ArrayList<>();
  private Pool pool;
  private RegistryService registry;
  private boolean fails = true;

  @BeforeEach
  void open() {
    pool =
        Pool.open(
            new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.SUBMIT, 2);
    registry = new RegistryService(pool, pool);
    registry.onChange((before, now) -> {
      if (fails) {
        throw new IllegalStateException("on purpose");
      }
      told.add("first " + before.version() + " to " + now.version());
    });
    registry.onChange(
        (before, now) -> told.add("second " + before.version() + " to " + now.version()));
  }

  @AfterEach
  void close() {
    registry.close();
    pool.close();
  }

  @Test
  void one_that_fails_does_not_keep_a_change_from_the_others() {
    registry.change(handle -> true);

    assertThat(told).containsExactly("second 1 to 2");
    assertThat(registry.current().version()).isEqualTo(2);
  }

  @Test
  void one_that_failed_is_told_again_of_all_it_missed() {
    registry.change(handle -> true);
    registry.change(handle -> true);
    fails = false;
    told.clear();

    registry.refresh();
    registry.refresh();

    assertThat(told).containsExactly("first 1 to 3");
  }
}
