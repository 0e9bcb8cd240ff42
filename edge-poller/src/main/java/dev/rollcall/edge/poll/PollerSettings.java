// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import java.time.Duration;
import java.util.List;

/**
 * What the conversation needs to know of its poller.
 *
 * @param capacity executions held at once
 * @param longestWait how long a poll may be held by the server
 * @param instance random for each process
 * @param version of the program
 * @param operations what the cache can do
 */
public record PollerSettings(
    int capacity, Duration longestWait, String instance, String version, List<String> operations) {}
