// SPDX-License-Identifier: Apache-2.0
/**
 * What a run cost: CPU time of the server, the database and the clients as the kernel counts it,
 * write-ahead log, and how busy strangers kept the machine meanwhile. Linux only: reads {@code
 * /proc}.
 */
@NullMarked
package dev.rollcall.load.measure;

import org.jspecify.annotations.NullMarked;
