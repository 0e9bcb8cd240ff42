// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Everything that is set for one poller.
 *
 * @param server base URL of the queue server, without a slash at its end
 * @param token where the server token is found
 * @param tls the files for the connection to the queue server
 * @param state the directory of journal and status
 * @param capacity executions at work at once
 * @param longestWait how long a poll may be parked
 * @param executionLimit the most one execution may take, whatever its lease
 * @param cache the cache that is commanded
 */
public record PollerConfig(
    URI server,
    TokenSource token,
    TlsFiles tls,
    Path state,
    int capacity,
    Duration longestWait,
    Duration executionLimit,
    CacheConfig cache) {
  public static final int DEFAULT_CAPACITY = 16;
  public static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
  public static final Duration DEFAULT_EXECUTION_LIMIT = Duration.ofMinutes(5);
}
