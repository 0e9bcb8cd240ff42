// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.protocol.selector.CacheUrl;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What is being fetched. A purge marks what it covers, and what is marked is not kept: the origin
 * may have given it before the purge. Thread-safe.
 */
final class LoadsUnderWay {
  /** One fetch. */
  static final class Load {
    private final CacheUrl url;
    private volatile boolean purged;

    private Load(CacheUrl url) {
      this.url = url;
    }

    boolean purged() {
      return purged;
    }
  }

  private final Set<Load> loads = ConcurrentHashMap.newKeySet();

  Load begin(CacheUrl url) {
    var load = new Load(url);
    loads.add(load);
    return load;
  }

  void end(Load load) {
    loads.remove(load);
  }

  /** Answers how many it covers. */
  int purge(Predicate<CacheUrl> covered) {
    int marked = 0;
    for (Load load : loads) {
      if (covered.test(load.url)) {
        load.purged = true;
        marked++;
      }
    }
    return marked;
  }
}
