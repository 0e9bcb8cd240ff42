// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where settings may come from.
 *
 * @param file null: none was named, and none stands in the usual place
 * @param environment the process's variables
 * @param flags what was given on the command line
 * @param zone the machine's time zone
 */
public record ConfigSources(
    @Nullable Path file, Map<String, String> environment, Map<Setting, String> flags, ZoneId zone) {
  public ConfigSources {
    environment = Map.copyOf(environment);
    flags = Map.copyOf(flags);
  }
}
