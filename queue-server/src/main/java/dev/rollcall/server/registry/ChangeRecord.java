// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import org.jdbi.v3.core.Handle;

/** Told of each change, in the transaction that makes it: both stand or neither does. */
public interface ChangeRecord {
  /** Keeps no record. */
  ChangeRecord NONE =
      new ChangeRecord() {
        @Override
        public void registryChanged(Handle handle, RegistryDiff diff) {}

        @Override
        public void operationSet(Handle handle, String name) {}
      };

  void registryChanged(Handle handle, RegistryDiff diff);

  void operationSet(Handle handle, String name);
}
