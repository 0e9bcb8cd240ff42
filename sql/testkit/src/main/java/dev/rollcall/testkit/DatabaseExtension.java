// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives each test a migrated database of its own and fails the test if it leaves a transaction
 * open.
 *
 * <pre>{@code @RegisterExtension final DatabaseExtension database = new DatabaseExtension();}</pre>
 */
public final class DatabaseExtension implements BeforeEachCallback, AfterEachCallback {
  private @Nullable TestDatabase current;

  @Override
  public void beforeEach(ExtensionContext context) {
    current = TestDatabase.migrated();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    TestDatabase ended = get();
    current = null;
    try {
      List<String> open = ended.openTransactions();
      if (!open.isEmpty()) {
        throw new AssertionError("transactions left open: " + open);
      }
    } finally {
      ended.close();
    }
  }

  /** The database of the test that runs. */
  public TestDatabase get() {
    if (current == null) {
      throw new IllegalStateException("no test runs");
    }
    return current;
  }
}
