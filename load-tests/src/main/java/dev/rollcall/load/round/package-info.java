// SPDX-License-Identifier: Apache-2.0
/**
 * What the scenarios are made of: a queue server with a registry, a fleet at it, and single rounds
 * of load that are measured and then judged. A round can stand alone or be interleaved with others.
 */
@NullMarked
package dev.rollcall.load.round;

import org.jspecify.annotations.NullMarked;
