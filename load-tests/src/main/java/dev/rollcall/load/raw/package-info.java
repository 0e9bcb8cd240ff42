// SPDX-License-Identifier: Apache-2.0
/**
 * Two designs under one load, without HTTP: the product's own statements, and the plain statements
 * that are the floor to measure them against. Both fan out, lease, settle and count; batches of
 * many servers over a few connections.
 */
@NullMarked
package dev.rollcall.load.raw;

import org.jspecify.annotations.NullMarked;
