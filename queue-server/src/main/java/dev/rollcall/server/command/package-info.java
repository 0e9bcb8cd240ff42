// SPDX-License-Identifier: Apache-2.0
/**
 * Commands: read, verified, authorised, their target identified and frozen, put into the queue;
 * looked at, cancelled, retried.
 *
 * <p>May use {@code queue}, {@code registry}, {@code auth} and {@code verification}. A target is
 * resolved in memory against one version of the registry, and the transaction that stores it checks
 * that this is still the current one; if not, it is resolved anew.
 */
@NullMarked
package dev.rollcall.server.command;

import org.jspecify.annotations.NullMarked;
