// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * News for the other nodes, and how it is written: the sender, then parts that each begin with a
 * letter. Numbers are in base 36, server ids as steps from one to the next. A part that a newer
 * node sends and this one does not know is passed over. Immutable.
 *
 * @param servers whose parked polls are to look for work
 * @param commands that entered the queue; their servers are among {@code servers}
 * @param cancelled live leases whose command was cancelled
 * @param arrivals instances of edge pollers that now poll at the sender
 */
record Bulletin(
    NavigableSet<Integer> servers,
    NavigableSet<Long> commands,
    List<Cancelled> cancelled,
    List<Arrival> arrivals) {
  /** What one notification carries at most is 7,999 bytes. */
  static final int MOST_BYTES = 7_900;

  /** Three numbers of 64 bits with what stands between. */
  private static final int LONGEST_ITEM = 48;

  private static final int RADIX = 36;

  record Cancelled(int serverId, long command, int leaseNo) {}

  /**
   * @param instance a hash of its name: two that collide end each other's parked poll, which does
   *     no harm
   */
  record Arrival(int serverId, int instance) {}

  /** A bulletin with its sender. */
  record Received(UUID sender, Bulletin bulletin) {}

  static Bulletin empty() {
    return new Bulletin(new TreeSet<>(), new TreeSet<>(), new ArrayList<>(), new ArrayList<>());
  }

  boolean isEmpty() {
    return servers.isEmpty() && commands.isEmpty() && cancelled.isEmpty() && arrivals.isEmpty();
  }

  /** As many texts as are needed, none longer than a notification may be. */
  List<String> write(UUID sender) {
    var pages = new Pages(sender.toString());
    int[] before = {0};
    pages.write(
        'w',
        servers,
        (id, first) -> {
          String step = text(id - (first ? 0 : before[0]));
          before[0] = id;
          return step;
        });
    pages.write('q', commands, (seq, first) -> text(seq));
    pages.write(
        'c',
        cancelled,
        (c, first) -> text(c.serverId()) + '.' + text(c.command()) + '.' + text(c.leaseNo()));
    pages.write('a', arrivals, (a, first) -> text(a.serverId()) + '.' + text(a.instance()));
    return pages.done();
  }

  private static String text(long number) {
    return Long.toString(number, RADIX);
  }

  /** Cuts what is written into pages; each part begins anew on each page. */
  private static final class Pages {
    private final String sender;
    private final List<String> done = new ArrayList<>();
    private StringBuilder page;

    Pages(String sender) {
      this.sender = sender;
      this.page = new StringBuilder(sender);
    }

    /**
     * @param writer given an item, and whether it is the first of its part on the page
     */
    <T> void write(char letter, Collection<T> items, BiFunction<T, Boolean, String> writer) {
      var part = new StringBuilder();
      for (T item : items) {
        if (page.length() + part.length() > MOST_BYTES - LONGEST_ITEM) {
          put(letter, part);
          turn();
        }
        boolean first = part.isEmpty();
        String text = writer.apply(item, first);
        part.append(first ? "" : ",").append(text);
      }
      put(letter, part);
    }

    private void put(char letter, StringBuilder part) {
      if (!part.isEmpty()) {
        page.append(' ').append(letter).append(part);
        part.setLength(0);
      }
    }

    private void turn() {
      done.add(page.toString());
      page = new StringBuilder(sender);
    }

    List<String> done() {
      if (page.length() > sender.length()) {
        turn();
      }
      return List.copyOf(done);
    }
  }

  /**
   * Reads one page.
   *
   * @throws IllegalArgumentException when no node can have written it
   */
  static Received read(String page) {
    String[] parts = page.split(" ", -1);
    Bulletin bulletin = empty();
    for (int i = 1; i < parts.length; i++) {
      if (!parts[i].isEmpty()) {
        bulletin.readPart(parts[i].charAt(0), parts[i].substring(1).split(",", -1));
      }
    }
    return new Received(UUID.fromString(parts[0]), bulletin);
  }

  private void readPart(char letter, String[] items) {
    switch (letter) {
      case 'w' -> {
        int id = 0;
        for (String item : items) {
          id += Integer.parseInt(item, RADIX);
          servers.add(id);
        }
      }
      case 'q' -> {
        for (String item : items) {
          commands.add(Long.parseLong(item, RADIX));
        }
      }
      case 'c' -> {
        for (String item : items) {
          List<Long> n = numbers(item, 3);
          cancelled.add(new Cancelled(n.get(0).intValue(), n.get(1), n.get(2).intValue()));
        }
      }
      case 'a' -> {
        for (String item : items) {
          List<Long> n = numbers(item, 2);
          arrivals.add(new Arrival(n.get(0).intValue(), n.get(1).intValue()));
        }
      }
      default -> {
        // a newer node's: it does not rely on being understood
      }
    }
  }

  private static List<Long> numbers(String item, int count) {
    List<Long> numbers =
        Arrays.stream(item.split("\\.", -1)).map(n -> Long.parseLong(n, RADIX)).toList();
    if (numbers.size() != count) {
      throw new IllegalArgumentException("expected " + count + " numbers: " + item);
    }
    return numbers;
  }
}
