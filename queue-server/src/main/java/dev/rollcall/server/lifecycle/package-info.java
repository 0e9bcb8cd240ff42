// SPDX-License-Identifier: Apache-2.0
/**
 * Starting and stopping: named threads, tasks that run again and again, things stopped in reverse.
 *
 * <p>Uses nothing else of the server.
 */
@NullMarked
package dev.rollcall.server.lifecycle;

import org.jspecify.annotations.NullMarked;
