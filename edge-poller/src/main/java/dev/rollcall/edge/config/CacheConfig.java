// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cache that is commanded, by its driver. */
public sealed interface CacheConfig {
  /** The name by which the driver is chosen. */
  String driver();

  /**
   * @param address where Varnish listens, without a path
   */
  record Varnish(URI address) implements CacheConfig {
    @Override
    public String driver() {
      return "varnish";
    }
  }

  /**
   * @param root below it stands one directory for each host
   * @param origins where {@code load} fetches from, by configuration
   * @param quietHours null: purged files are erased at once; else moved aside at once, and erased
   *     in these hours
   * @param maxObjectBytes what is larger is not loaded
   */
  record Directory(
      Path root, Map<String, Origin> origins, @Nullable QuietHours quietHours, long maxObjectBytes)
      implements CacheConfig {
    public static final long DEFAULT_MAX_OBJECT_BYTES = 1L << 30;

    public Directory {
      origins = Map.copyOf(origins);
    }

    @Override
    public String driver() {
      return "directory";
    }
  }
}
