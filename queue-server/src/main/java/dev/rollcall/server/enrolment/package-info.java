// SPDX-License-Identifier: Apache-2.0
/**
 * How a machine comes by the credential of its server: it shows a join token, and is handed a token
 * of its own, at once or when somebody has approved.
 *
 * <p>What it sends along, the claim, is a secret that it made. Whoever has both may ask again and
 * collect what was granted, so an answer that got lost costs nothing. A server of which somebody
 * holds a credential is only taken over with an approval, or with a join token that says so; the
 * old credential then ends. May use {@code auth}, {@code registry}, {@code web} and {@code db}.
 */
@NullMarked
package dev.rollcall.server.enrolment;

import org.jspecify.annotations.NullMarked;
