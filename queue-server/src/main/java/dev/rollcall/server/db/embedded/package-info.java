// SPDX-License-Identifier: Apache-2.0
/**
 * The PostgreSQL that the server brings along: unpacked, initialised, started and stopped inside
 * its data directory. Durable, on loopback, with a password of its own.
 *
 * <p>The life of the cluster is not the life of the JVM: a server that is killed leaves its
 * PostgreSQL running, and the next one to hold the directory stops that and starts it anew, with
 * its own settings. Knows no table.
 */
@NullMarked
package dev.rollcall.server.db.embedded;

import org.jspecify.annotations.NullMarked;
