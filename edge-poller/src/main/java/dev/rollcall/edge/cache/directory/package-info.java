// SPDX-License-Identifier: Apache-2.0
/**
 * A cache of plain files: {@code root/<host>/<path>}, one file for each object, for a web server
 * beside the poller to serve. {@code load} fetches into it from a configured origin, {@code purge}
 * deletes, or moves aside at once and erases in the quiet hours.
 *
 * <p>Names are made so that different URLs have different files and each file tells its URL (see
 * {@link dev.rollcall.edge.cache.directory.FileNames}). Nothing is ever read, written or removed
 * through a symbolic link. A load that was under way when a purge came never brings back what the
 * purge removed.
 */
@NullMarked
package dev.rollcall.edge.cache.directory;

import org.jspecify.annotations.NullMarked;
