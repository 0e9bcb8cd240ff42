// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A setting that can be given outside the file too, and by which names. A flag outweighs the
 * environment, the environment outweighs the file.
 */
public enum Setting {
  SERVER("server", Kind.TEXT),
  INSECURE_SERVER("insecureServer", Kind.BOOLEAN),
  TOKEN_FILE("tokenFile", Kind.TEXT),
  CA_FILE("caFile", Kind.TEXT),
  CERTIFICATE_FILE("certificateFile", Kind.TEXT),
  KEY_FILE("keyFile", Kind.TEXT),
  STATE("state", Kind.TEXT),
  CAPACITY("capacity", Kind.NUMBER),
  WAIT_SECONDS("waitSeconds", Kind.NUMBER),
  EXECUTION_SECONDS("executionSeconds", Kind.NUMBER),
  CACHE_DRIVER("cache.driver", Kind.TEXT),
  CACHE_ADDRESS("cache.address", Kind.TEXT),
  CACHE_ROOT("cache.root", Kind.TEXT),
  CACHE_ORIGINS("cache.origins", Kind.MAP),
  CACHE_ORIGIN_NETWORKS("cache.originNetworks", Kind.MAP),
  CACHE_PURGE("cache.purge", Kind.TEXT),
  CACHE_QUIET_HOURS("cache.quietHours", Kind.TEXT),
  CACHE_ZONE("cache.zone", Kind.TEXT),
  CACHE_MAX_OBJECT_BYTES("cache.maxObjectBytes", Kind.NUMBER);

  enum Kind {
    TEXT,
    NUMBER,
    BOOLEAN,
    /** {@code name=value,name=value}. */
    MAP
  }

  private final String path;
  final Kind kind;

  Setting(String path, Kind kind) {
    this.path = path;
    this.kind = kind;
  }

  /** As in the file, with dots between the levels. */
  public String path() {
    return path;
  }

  /** The names of the levels. */
  List<String> levels() {
    return Arrays.asList(path.split("\\."));
  }

  /** As an environment variable. */
  public String variable() {
    return "ROLLCALL_" + name();
  }

  /** As a flag. */
  public String flag() {
    return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
