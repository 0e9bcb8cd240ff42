// SPDX-License-Identifier: Apache-2.0
/** What a run shows: tables as text, plots as SVG. Knows no scenario. */
@NullMarked
package dev.rollcall.load.report;

import org.jspecify.annotations.NullMarked;
