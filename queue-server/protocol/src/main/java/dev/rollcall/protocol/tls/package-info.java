// SPDX-License-Identifier: Apache-2.0
/**
 * Certificates and keys in PEM files (RFC 7468), read the same way by server and poller, and
 * noticed when they change.
 */
@NullMarked
package dev.rollcall.protocol.tls;

import org.jspecify.annotations.NullMarked;
