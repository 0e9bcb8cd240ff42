// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import dev.rollcall.protocol.selector.CacheUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What became of the URLs of a load, and the one reply that follows from it. */
public final class Loads {
  /** URLs of one execution that are fetched at the same time. */
  public static final int WIDTH = 4;

  private static final int SHOWN = 5;

  /**
   * One URL.
   *
   * @param failure a failure, a refusal, or that the cache was not reached; null: it is in the
   *     cache
   */
  public record Load(CacheUrl url, @Nullable CacheReply failure) {
    public static Load done(CacheUrl url) {
      return new Load(url, null);
    }

    public static Load failed(CacheUrl url, String code, String message, boolean retry) {
      return new Load(url, new CacheReply.Failed(code, message, retry));
    }
  }

  private Loads() {}

  /**
   * Done if all are; else failed with the first one's code, and retried if that may help any. When
   * one of them must not be fetched, or the cache was not reached with it, that is said of all.
   */
  public static CacheReply reply(List<Load> loads) {
    List<CacheReply> failures = loads.stream().map(Load::failure).filter(Objects::nonNull).toList();
    if (failures.isEmpty()) {
      return new CacheReply.Done(
          Codes.LOADED, (long) loads.size(), loads.size() + " URLs loaded", null);
    }
    List<String> shown = new ArrayList<>();
    for (Load load : loads) {
      if (load.failure() != null && shown.size() < SHOWN) {
        shown.add(load.url() + ": " + load.failure().message());
      }
    }
    String message =
        failures.size() + " of " + loads.size() + " URLs not loaded: " + String.join("; ", shown);
    String whole = failures.size() > SHOWN ? message + "; …" : message;
    for (CacheReply failure : failures) {
      if (failure instanceof CacheReply.Unreachable(String code, _, _)) {
        return new CacheReply.Unreachable(code, whole, !loads.stream().allMatch(Loads::notBegun));
      }
    }
    for (CacheReply failure : failures) {
      if (failure instanceof CacheReply.Rejected(String code, _)) {
        return new CacheReply.Rejected(code, whole);
      }
    }
    return new CacheReply.Failed(
        failures.getFirst().code(), whole, failures.stream().anyMatch(Loads::canHelp));
  }

  private static boolean notBegun(Load load) {
    return load.failure() instanceof CacheReply.Unreachable(_, _, boolean begun) && !begun;
  }

  private static boolean canHelp(CacheReply failure) {
    return failure instanceof CacheReply.Failed(_, _, boolean retry) && retry;
  }
}
