// SPDX-License-Identifier: Apache-2.0
/** The named scenarios, each a subcommand: which rounds to run, and how to show what came out. */
@NullMarked
package dev.rollcall.load.scenario;

import org.jspecify.annotations.NullMarked;
