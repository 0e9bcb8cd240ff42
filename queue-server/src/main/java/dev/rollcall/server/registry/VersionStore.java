// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import org.jdbi.v3.core.Handle;

/**
 * The registry's version, for transactions that store what was resolved against it.
 *
 * <p>They hold it, all at the same time. A change that takes something away waits for them before
 * it commits; so whatever is stored under an older version is there for the change to end. An
 * advisory lock: sharing a lock on the row would write it, and make a multixact, with every submit.
 */
public final class VersionStore {
  private static final String HOLD = "select pg_advisory_xact_lock_shared(1380928588, 3)";
  private static final String AWAIT = "select pg_advisory_xact_lock(1380928588, 3)";

  private VersionStore() {}

  /**
   * The version. Until the transaction ends nothing is taken away from it; it may be raised for
   * other reasons. To be asked for after the locks of ordering keys: who holds it waits for nobody
   * who may be waiting for it.
   */
  public static long hold(Handle handle) {
    handle.execute(HOLD);
    // A statement of its own: the snapshot of one that waited is older than what it waited for.
    return RegistryStore.version(handle);
  }

  /** Waits for those who hold the version; whoever wants to hold it waits for this transaction. */
  static void awaitHolders(Handle handle) {
    handle.execute(AWAIT);
  }
}
