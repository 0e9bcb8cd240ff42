// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.protocol.edge.PollAnswer;
import java.time.Duration;

/** Takes an execution to a driver by the way it goes in the poller, for tests of drivers. */
public final class ExecutionsToTasks {
  private ExecutionsToTasks() {}

  public static CacheReply run(CacheDriver driver, PollAnswer.Execution execution)
      throws InterruptedException {
    return run(driver, execution, () -> Duration.ofSeconds(30));
  }

  public static CacheReply run(CacheDriver driver, PollAnswer.Execution execution, TimeLimit limit)
      throws InterruptedException {
    return switch (Translation.of(execution, driver.abilities())) {
      case Translation.Refused(String code, String message) ->
          new CacheReply.Rejected(code, message);
      case Translation.Task(var task) -> driver.execute(task, limit);
    };
  }
}
