// SPDX-License-Identifier: Apache-2.0
/**
 * The databases a run looks at: a cluster started like the product's embedded one, or the one a
 * running queue server uses. Plain JDBC: what is measured or checked must not go through the code
 * that is tested.
 */
@NullMarked
package dev.rollcall.load.database;

import org.jspecify.annotations.NullMarked;
