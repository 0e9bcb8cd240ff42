// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.ResultItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the entries add up to. Bounded: leases by the poller's capacity, results because no work is
 * taken while many are owed, successes here. Confined to its owner's lock.
 */
final class Memory {
  /** Successes kept; the oldest goes first. About 300 bytes each. */
  static final int MOST_SUCCEEDED = 10_000;

  private static final int LONGEST_MESSAGE = 200;

  private record Success(ResultItem result, Instant usefulUntil) {}

  private final Map<LeaseId, HeldLease> held = new LinkedHashMap<>();
  private final Map<LeaseId, Entry.Finished> owed = new LinkedHashMap<>();
  private final Map<String, Success> succeeded = new LinkedHashMap<>();

  void apply(Entry entry) {
    switch (entry) {
      case Entry.Held(HeldLease lease) -> held.put(lease.id(), lease);
      case Entry.Finished finished -> {
        LeaseId id = LeaseId.of(finished.result());
        held.remove(id);
        owed.put(id, finished);
        if (finished.result().outcome().equals(Outcome.SUCCEEDED.wire())) {
          remember(finished.result(), finished.usefulUntil());
        }
      }
      case Entry.Succeeded(ResultItem result, Instant until) -> remember(result, until);
      case Entry.Settled(LeaseId id) -> owed.remove(id);
    }
  }

  private void remember(ResultItem result, Instant until) {
    succeeded.remove(result.command()); // so that it becomes the youngest
    succeeded.put(result.command(), new Success(small(result), until));
    if (succeeded.size() > MOST_SUCCEEDED) {
      Iterator<String> oldest = succeeded.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** What is reported once more needs no details. */
  private static ResultItem small(ResultItem result) {
    String message = result.message();
    return new ResultItem(
        result.command(),
        result.lease(),
        result.outcome(),
        result.code(),
        message != null && message.length() > LONGEST_MESSAGE ? null : message,
        result.objects(),
        result.durationMillis(),
        null,
        null);
  }

  void forget(Instant now) {
    succeeded.values().removeIf(success -> success.usefulUntil().isBefore(now));
  }

  Optional<ResultItem> succeeded(String command) {
    return Optional.ofNullable(succeeded.get(command)).map(Success::result);
  }

  Instant usefulUntil(LeaseId id, Instant otherwise) {
    HeldLease lease = held.get(id);
    return lease == null ? otherwise : lease.usefulUntil();
  }

  List<HeldLease> held() {
    return List.copyOf(held.values());
  }

  List<ResultItem> owed() {
    return owed.values().stream().map(Entry.Finished::result).toList();
  }

  Backlog backlog() {
    return new Backlog(held.size(), owed.size(), succeeded.size());
  }

  /** Entries that add up to this. A success that is still owed says so by being owed. */
  List<Entry> entries() {
    List<Entry> out = new ArrayList<>();
    succeeded.values().forEach(s -> out.add(new Entry.Succeeded(s.result(), s.usefulUntil())));
    held.values().forEach(lease -> out.add(new Entry.Held(lease)));
    out.addAll(owed.values());
    return out;
  }
}
