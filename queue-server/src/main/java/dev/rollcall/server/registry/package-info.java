// SPDX-License-Identifier: Apache-2.0
/**
 * Who takes part in the federation, what they run and what they let each other do: participants,
 * servers, customers, configurations, deployments, exposures; and the manifests that change them.
 *
 * <p>Each node holds all of it in memory as one immutable {@link
 * dev.rollcall.server.registry.Registry}, loaded anew when its version in the database is another.
 * Changes are made one at a time, under the lock of {@code registry_state}, and raise the version
 * in their own transaction.
 *
 * <p>May use {@code db} and {@code web}. Knows no commands and no callers.
 */
@NullMarked
package dev.rollcall.server.registry;

import org.jspecify.annotations.NullMarked;
