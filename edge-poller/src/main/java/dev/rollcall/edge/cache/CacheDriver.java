// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One cache. Thread-safe: tasks of different ordering keys run at the same time.
 *
 * <p>Every operation can be carried out twice without harm, and will be: delivery is at least once.
 */
public interface CacheDriver {
  Abilities abilities();

  /**
   * Called once, before the first task. What it starts ends with {@link #stop}.
   *
   * @throws IOException when the cache's files cannot be used; the message is for the operator
   */
  default void start() throws IOException {}

  /**
   * Carries out a task that lies within the abilities. What goes wrong at the cache is a reply, not
   * an exception.
   *
   * @throws InterruptedException when the time limit is over or the poller stops; then it is not
   *     known what was done
   */
  CacheReply execute(CacheTask task, TimeLimit limit) throws InterruptedException;

  /**
   * Asks whether the cache is there at all, as cheaply as that can be told, and changes nothing in
   * it. It need not be content with the poller: {@link #check} tells that.
   *
   * @return why it cannot be reached, for people; empty when it can
   */
  Optional<String> probe(TimeLimit limit) throws InterruptedException;

  /** Looks whether the cache can be commanded, without changing anything in it. */
  Check check(TimeLimit limit) throws InterruptedException;

  /** Ends what was started. */
  default void stop() throws InterruptedException {}

  /**
   * @param ok whether a task could be carried out now
   * @param findings for people, one line each
   */
  record Check(boolean ok, List<String> findings) {
    public Check {
      findings = List.copyOf(findings);
    }
  }
}
