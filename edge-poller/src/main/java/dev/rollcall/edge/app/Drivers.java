// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.directory.DirectoryDriver;
import dev.rollcall.edge.cache.varnish.VarnishDriver;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.lifecycle.Ticker;
import java.time.InstantSource;

/** Chooses the driver of the cache that is configured. */
final class Drivers {
  private Drivers() {}

  static CacheDriver of(CacheConfig config, InstantSource clock, Ticker ticker) {
    return switch (config) {
      case CacheConfig.Varnish varnish -> new VarnishDriver(varnish, ticker);
      case CacheConfig.Directory directory ->
          new DirectoryDriver(directory, clock, "pid " + ProcessHandle.current().pid());
    };
  }

  /** For people. */
  static String described(CacheConfig config) {
    return switch (config) {
      case CacheConfig.Varnish(var address) -> "varnish at " + address;
      case CacheConfig.Directory directory -> "directory " + directory.root();
    };
  }
}
