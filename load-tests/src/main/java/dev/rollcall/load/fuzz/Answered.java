// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was answered, and what should not have been. Thread-safe. */
final class Answered {
  private static final int MOST_COMPLAINTS = 20;

  /** One in so many may be told to come again: the registry changes all the time. */
  private static final long PUT_OFF = 500;

  /** So many things of a kind are kept for requests about them. */
  private static final int MOST_KNOWN = 200;

  private static final Pattern MADE =
      Pattern.compile("POST /v1/(commands|tokens|join-tokens)(\\?.*)?|POST /v1/edge/(enroll).*");

  private final ConcurrentMap<Integer, LongAdder> byStatus = new ConcurrentHashMap<>();
  private final LongAdder putOff = new LongAdder();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final ConcurrentMap<String, List<String>> known = new ConcurrentHashMap<>();
  private final Set<String> done = ConcurrentHashMap.newKeySet();
  private final Accounts accounts = new Accounts();

  /** Notes an answer, and complains of one that none should get. */
  void note(FuzzRequest request, int status, String body) {
    count(status);
    if (status == 503 && body.contains("\"code\":\"unavailable\"")) {
      putOff.increment();
    } else if (status >= 500) {
      complain(status + " to " + request + " answered " + body);
    } else if (status >= 400 && !body.contains("\"code\"")) {
      complain(status + " without a problem to " + request + " answered " + body);
    } else if (status >= 200 && status < 300) {
      done.add(request.operation());
      accounts.done(request, status, body);
      remember(request, body);
    }
  }

  void count(int status) {
    byStatus.computeIfAbsent(status, s -> new LongAdder()).increment();
  }

  private void remember(FuzzRequest request, String body) {
    Matcher made = MADE.matcher(request.method() + " " + request.path());
    if (made.matches()) {
      boolean enrolled = made.group(3) != null;
      List<String> kept = known(enrolled ? "enrolments" : made.group(1));
      String id = Json.MAPPER.readTree(body).path(enrolled ? "enrolment" : "id").asString("");
      if (!id.isEmpty() && kept.size() < MOST_KNOWN) {
        kept.add(id);
      }
    }
  }

  void complain(String what) {
    if (complaints.size() < MOST_COMPLAINTS) {
      complaints.add(what);
    }
  }

  /**
   * Ids of some that were made.
   *
   * @param kind as the first word of their path
   */
  List<String> known(String kind) {
    return known.computeIfAbsent(kind, k -> new CopyOnWriteArrayList<>());
  }

  /** Whether one was ever done; else its requests miss what they are for. */
  boolean wasDone(String operation) {
    return done.contains(operation);
  }

  int commands() {
    return accounts.commands();
  }

  Map<Integer, Long> byStatus() {
    Map<Integer, Long> sums = new TreeMap<>();
    byStatus.forEach((status, count) -> sums.put(status, count.sum()));
    return sums;
  }

  /** All that should not be, also in the database. */
  List<String> complaints(DatabaseRows before, DatabaseRows after) {
    List<String> all = new ArrayList<>(complaints);
    long answers = byStatus().values().stream().mapToLong(Long::longValue).sum();
    if (putOff.sum() * PUT_OFF > answers) {
      all.add(putOff.sum() + " of " + answers + " were told to come again");
    }
    all.addAll(accounts.differences(before, after));
    return all;
  }
}
