// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What became of a task. */
public sealed interface CacheReply {
  /** A stable word for programs. */
  String code();

  /** For people. */
  String message();

  /**
   * Done; also when there was nothing to do.
   *
   * @param objects how many objects were affected; null: not known
   * @param data what else is known, for programs
   */
  record Done(String code, @Nullable Long objects, String message, @Nullable ObjectNode data)
      implements CacheReply {}

  /**
   * Not done, or not wholly; every operation may be carried out again.
   *
   * @param retry whether that could help
   */
  record Failed(String code, String message, boolean retry) implements CacheReply {}

  /**
   * The cache as such was not reached: what was asked of it does not matter, and whatever else is
   * asked of it now will meet the same.
   *
   * @param begun whether it may have got any of the task; false: it is certain that it is away
   */
  record Unreachable(String code, String message, boolean begun) implements CacheReply {}

  /** This cache cannot do it, or must not. */
  record Rejected(String code, String message) implements CacheReply {}
}
