// SPDX-License-Identifier: Apache-2.0
/**
 * What the clients of a run sent and saw, and the judge over it: together with the database it
 * decides whether anything was lost, doubled, miscounted or out of order. Knows nothing of how the
 * queue works, only of what it promises.
 */
@NullMarked
package dev.rollcall.load.history;

import org.jspecify.annotations.NullMarked;
