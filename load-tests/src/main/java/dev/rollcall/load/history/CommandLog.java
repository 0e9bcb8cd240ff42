// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The commands of a run, each with a small number: by submitters when they are answered, by edges
 * when they are handed one, whichever is first. Thread-safe.
 */
public final class CommandLog {
  private final ConcurrentHashMap<UUID, Integer> numbers = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, Accepted> accepted = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicLong executions = new AtomicLong();

  /**
   * A command answered with 202.
   *
   * @param sentAt when the request left, by {@link System#nanoTime}
   * @param answeredAt when the answer was in
   * @param targeted how many executions the answer promised
   */
  public record Accepted(UUID id, long sentAt, long answeredAt, int targeted) {}

  public int number(UUID id) {
    Integer known = numbers.get(id);
    return known != null ? known : numbers.computeIfAbsent(id, key -> next.getAndIncrement());
  }

  /** Notes the answer to a submission; answers the command's number. */
  public int accepted(Accepted command) {
    int number = number(command.id());
    if (accepted.put(number, command) == null) {
      executions.addAndGet(command.targeted());
    }
    return number;
  }

  /** How many executions the commands accepted so far have. */
  public long executions() {
    return executions.get();
  }

  /** How many there are, also of those that were only seen at edges. */
  public int size() {
    return next.get();
  }

  /** All that were seen, by number. */
  public List<UUID> ids() {
    UUID[] ids = new UUID[size()];
    numbers.forEach((id, number) -> {
      if (number < ids.length) {
        ids[number] = id;
      }
    });
    return List.of(ids);
  }

  public List<Accepted> accepted() {
    return new ArrayList<>(accepted.values());
  }
}
