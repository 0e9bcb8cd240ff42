// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Items in line, those of one kin together. The group of the oldest item comes first, then that of
 * the oldest among the rest; so each item is first some time, whatever else keeps coming. Not
 * thread-safe.
 */
final class Line<E> {
  /** What is to become of an item that is offered. */
  enum Offer {
    TAKE,
    LEAVE,
    STOP
  }

  private record Placed<E>(long number, E item) {}

  private final Function<E, Object> kin;
  private final Map<Object, Deque<Placed<E>>> groups = new HashMap<>();
  private long next;
  private int size;

  Line(Function<E, Object> kin) {
    this.kin = kin;
  }

  int size() {
    return size;
  }

  void add(E item) {
    groups
        .computeIfAbsent(kin.apply(item), its -> new ArrayDeque<>())
        .add(new Placed<>(next++, item));
    size++;
  }

  /** False when it is not in line. */
  boolean remove(E item) {
    Object its = kin.apply(item);
    Deque<Placed<E>> group = groups.get(its);
    if (group == null || !group.removeIf(placed -> placed.item.equals(item))) {
      return false;
    }
    size--;
    dropIfEmpty(its, group);
    return true;
  }

  /** Offers one after the other, until all were offered or one stops it. */
  void offer(Function<E, Offer> taker) {
    List<Object> byAge = new ArrayList<>(groups.keySet());
    byAge.sort(Comparator.comparingLong(its -> group(its).getFirst().number));
    boolean going = true;
    for (Iterator<Object> its = byAge.iterator(); going && its.hasNext(); ) {
      Object key = its.next();
      going = offer(group(key), taker);
      dropIfEmpty(key, group(key));
    }
  }

  private boolean offer(Deque<Placed<E>> group, Function<E, Offer> taker) {
    for (Iterator<Placed<E>> placed = group.iterator(); placed.hasNext(); ) {
      switch (taker.apply(placed.next().item)) {
        case TAKE -> {
          placed.remove();
          size--;
        }
        case LEAVE -> {
          // it keeps its place
        }
        case STOP -> {
          return false;
        }
      }
    }
    return true;
  }

  private Deque<Placed<E>> group(Object its) {
    return Objects.requireNonNull(groups.get(its));
  }

  private void dropIfEmpty(Object its, Deque<Placed<E>> group) {
    if (group.isEmpty()) {
      groups.remove(its);
    }
  }
}
