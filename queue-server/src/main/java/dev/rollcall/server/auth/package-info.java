// SPDX-License-Identifier: Apache-2.0
/**
 * Who is calling, and what they may touch: tokens and roles, and the rules by which a caller sees a
 * participant, a server, a configuration or a command.
 *
 * <p>What a caller may not know of does not exist for it. May use {@code registry}, {@code batch}
 * and {@code web}.
 */
@NullMarked
package dev.rollcall.server.auth;

import org.jspecify.annotations.NullMarked;
