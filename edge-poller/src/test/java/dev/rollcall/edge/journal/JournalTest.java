// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir private Path state;
  private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
  private Journal journal;

  @BeforeEach
  void open() throws IOException {
    journal = Journal.open(state, now::get);
  }

  @AfterEach
  void close() throws Exception {
    journal.close();
  }

  private void reopen() throws Exception {
    journal.close();
    journal = Journal.open(state, now::get);
  }

  /** What a kill leaves: the file as it is, without any goodbye. */
  private void kill() throws Exception {
    Path copy = Files.createTempDirectory(state, "killed");
    Files.copy(file(), copy.resolve(JournalFile.NAME));
    journal.close();
    journal = Journal.open(copy, now::get);
  }

  private Path file() {
    return state.resolve(JournalFile.NAME);
  }

  @Test
  void a_lease_that_was_received_is_known_after_a_kill() throws Exception {
    journal.received(List.of(lease("c1", 1), lease("c2", 5)));

    kill();

    assertThat(journal.held()).containsExactly(lease("c1", 1), lease("c2", 5));
  }

  @Test
  void a_result_that_was_recorded_is_owed_after_a_kill() throws Exception {
    journal.received(List.of(lease("c1", 1)));
    finish(result("c1", 1, "succeeded"));

    kill();

    assertThat(journal.held()).isEmpty();
    assertThat(journal.owed()).containsExactly(result("c1", 1, "succeeded"));
  }

  @Test
  void a_settled_result_is_owed_no_more_but_its_success_is_remembered() throws Exception {
    journal.received(List.of(lease("c1", 1), lease("c2", 1)));
    finish(result("c1", 1, "succeeded"));
    finish(result("c2", 1, "failed"));
    journal.settled(List.of(new LeaseId("c1", 1), new LeaseId("c2", 1)));
    journal.flush();

    kill();

    assertThat(journal.backlog()).isEqualTo(new Backlog(0, 0, 1));
    assertThat(journal.succeeded("c1")).contains(result("c1", 1, "succeeded"));
    assertThat(journal.succeeded("c2")).isEmpty();
  }

  @Test
  void a_success_is_forgotten_after_the_commands_deadline() throws Exception {
    journal.received(List.of(lease("c1", 1)));
    finish(result("c1", 1, "succeeded"));
    journal.settled(List.of(new LeaseId("c1", 1)));

    now.set(NOON.plusSeconds(86_399));
    reopen();
    assertThat(journal.succeeded("c1")).isPresent();

    now.set(NOON.plusSeconds(86_401));
    reopen();
    assertThat(journal.succeeded("c1")).isEmpty();
  }

  @Test
  void successes_are_bounded_and_the_oldest_goes_first() throws Exception {
    List<HeldLease> leases = new ArrayList<>();
    for (int i = 0; i < Memory.MOST_SUCCEEDED + 10; i++) {
      leases.add(lease("c" + i, 1));
    }
    journal.received(leases);
    for (HeldLease lease : leases) {
      journal.finished(result(lease.id().command(), 1, "succeeded"), () -> {});
    }
    journal.settled(leases.stream().map(HeldLease::id).toList());
    journal.flush();

    reopen();

    assertThat(journal.backlog()).isEqualTo(new Backlog(0, 0, Memory.MOST_SUCCEEDED));
    assertThat(journal.succeeded("c9")).isEmpty();
    assertThat(journal.succeeded("c10")).isPresent();
  }

  @Test
  void a_tail_torn_anywhere_loses_nothing_before_it() throws Exception {
    for (int i = 0; i < 20; i++) {
      journal.received(List.of(lease("c" + i, i)));
    }
    journal.close();
    byte[] whole = Files.readAllBytes(file());

    int last = 20;
    for (int length = whole.length; length >= 0; length -= 7) {
      Files.write(file(), Arrays.copyOf(whole, length));
      JournalFile.Content content = JournalFile.read(state);
      assertThat(content.entries().size()).isBetween(0, last);
      last = content.entries().size();
      assertThat(content.reason() == null).isEqualTo(content.dropped() == 0 && length > 0);
    }
    assertThat(last).isZero();
  }

  @Test
  void what_is_damaged_is_dropped_kept_for_people_and_written_over() throws Exception {
    journal.received(List.of(lease("c1", 1)));
    journal.close();
    byte[] good = Files.readAllBytes(file());
    byte[] bad = Arrays.copyOf(good, good.length + 100);
    Files.write(file(), bad);

    journal = Journal.open(state, now::get);
    journal.received(List.of(lease("c2", 1)));
    reopen();

    assertThat(journal.held()).containsExactly(lease("c1", 1), lease("c2", 1));
    assertThat(state.resolve(JournalFile.DAMAGED)).hasBinaryContent(bad);
  }

  @Test
  void any_flipped_bit_is_noticed() throws Exception {
    journal.received(List.of(lease("c1", 1), lease("c2", 2)));
    journal.close();
    byte[] good = Files.readAllBytes(file());
    long seed = System.nanoTime();
    System.out.println("JournalTest seed " + seed);
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 500; i++) {
      byte[] bad = good.clone();
      int at = random.nextInt(bad.length);
      bad[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file(), bad);

      JournalFile.Content content = JournalFile.read(state);

      assertThat(content.reason()).as("byte %s (seed %s)", at, seed).isNotNull();
      assertThat(content.entries()).hasSizeLessThan(2);
    }
  }

  @Test
  void a_file_of_something_else_is_not_taken_for_a_journal() throws Exception {
    journal.close();
    Files.writeString(file(), "{}");

    journal = Journal.open(state, now::get);

    assertThat(journal.backlog()).isEqualTo(new Backlog(0, 0, 0));
    assertThat(state.resolve(JournalFile.DAMAGED)).hasContent("{}");
  }

  @Test
  void the_file_does_not_grow_for_ever() throws Exception {
    for (int i = 0; i < 30_000; i++) {
      journal.finished(result("c" + i % 50, i, "failed"), () -> {});
      journal.settled(List.of(new LeaseId("c" + i % 50, i)));
    }
    journal.flush();

    assertThat(Files.size(file())).isLessThan(3 << 20);
    reopen();
    assertThat(Files.size(file())).isLessThan(1_000);
  }

  @Test
  void many_writers_share_flushes_and_all_is_there() throws Exception {
    var gate = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 50; t++) {
      int thread = t;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 40; i++) {
                  receive(gate, lease("c" + thread + "-" + i, i));
                }
              }));
    }
    gate.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    kill();

    assertThat(journal.held()).hasSize(2_000);
  }

  private void receive(CountDownLatch gate, HeldLease lease) {
    try {
      gate.await();
      journal.received(List.of(lease));
    } catch (InterruptedException | JournalException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void what_cannot_be_written_is_said_and_kept_in_memory_until_it_can() throws Exception {
    Path unwritable = Files.createTempDirectory(state, "full");
    Journal failing = Journal.open(unwritable, now::get);
    failing.received(List.of(lease("c1", 1)));
    // A directory in the way of the rewritten file stands for a disk that takes no more.
    failing.failNextWrite();
    Files.createDirectories(unwritable.resolve("journal.new/in-the-way"));

    assertThatExceptionOfType(JournalException.class)
        .isThrownBy(() -> failing.received(List.of(lease("c2", 1))));
    var recorded = new CountDownLatch(1);
    failing.finished(result("c1", 1, "succeeded"), recorded::countDown);
    recorded.await();

    assertThat(failing.writable()).isFalse();
    assertThat(failing.owed()).hasSize(1);
    assertThat(failing.succeeded("c1")).isPresent();

    Files.delete(unwritable.resolve("journal.new/in-the-way"));
    await("the journal heals").until(failing::writable);
    failing.close();
    Journal healed = Journal.open(unwritable, now::get);
    assertThat(healed.owed()).containsExactly(result("c1", 1, "succeeded"));
    assertThat(healed.held()).containsExactly(lease("c2", 1));
    healed.close();
  }

  @Test
  @Timeout(20)
  void what_cannot_even_be_put_into_bytes_is_a_failure_and_not_a_hang() throws Exception {
    var endless = new HeldLease(new LeaseId("c1", 1), "purge", NOON, Instant.MAX);

    assertThatExceptionOfType(JournalException.class)
        .isThrownBy(() -> journal.received(List.of(endless)));

    finish(result("c1", 1, "failed"));
  }

  @Test
  void a_rewrite_that_failed_leaves_nothing_behind_on_a_full_disk() throws Exception {
    journal.close();
    Path other = Files.createTempDirectory(state, "full");
    var file = new JournalFile(other);
    Files.createDirectories(other.resolve("journal/in-the-way"));

    assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.rewrite(List.of()));

    assertThat(other.resolve("journal.new")).doesNotExist();
  }

  @Test
  void nobody_else_may_read_it() throws Exception {
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  private void finish(ResultItem result) throws InterruptedException {
    var recorded = new CountDownLatch(1);
    journal.finished(result, recorded::countDown);
    recorded.await();
  }

  private static HeldLease lease(String command, long lease) {
    return new HeldLease(new LeaseId(command, lease), "purge", NOON, NOON.plusSeconds(86_400));
  }

  private static ResultItem result(String command, long lease, String outcome) {
    @Nullable Long objects = outcome.equals("succeeded") ? 3L : null;
    return new ResultItem(command, lease, outcome, "deleted", "a message", objects, 7L, null, null);
  }
}
