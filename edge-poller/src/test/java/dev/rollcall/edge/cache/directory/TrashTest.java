// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is moved aside, and when it is erased. */
final class TrashTest {
  @TempDir private Path root;
  private FakeOrigin origin;
  private DirectoryBench bench;

  @BeforeEach
  void start() throws IOException {
    origin = new FakeOrigin();
    bench = DirectoryBench.quiet(root, origin);
  }

  @AfterEach
  void stop() throws InterruptedException {
    bench.stop();
    origin.close();
  }

  @Test
  void purged_files_are_moved_aside_at_once_and_erased_in_the_quiet_hours() throws Exception {
    bench.load("/a", "/b/c");

    CacheReply reply = bench.run(Executions.of("c", "purge", "{\"everything\": true}"));

    assertThat(reply.code()).isEqualTo(Codes.SCHEDULED);
    assertThat(reply).extracting("objects").isEqualTo(2L);
    assertThat(((CacheReply.Done) reply).data())
        .hasToString("{\"erasedBy\":\"2026-11-23T05:00:00Z\"}");
    assertThat(bench.served()).isEmpty();
    assertThat(bench.own()).hasSize(2).allMatch(f -> f.startsWith("trash/2026-11-23T050000Z/"));

    bench.stop();
    bench.now("2026-11-23T01:59:59Z");
    bench.restart();
    assertThat(bench.own()).as("after a restart before the hours").hasSize(2);

    bench.stop();
    bench.now("2026-11-23T02:00:00Z");
    bench.restart();
    await("erased in the quiet hours").until(() -> bench.own().isEmpty());
  }

  @Test
  void what_should_have_been_erased_while_the_poller_was_down_is_erased_at_its_start()
      throws Exception {
    bench.load("/a");
    bench.purge("/a");
    bench.stop();

    bench.now("2026-11-24T12:00:00Z");
    bench.restart();

    await("erased, though late").until(() -> bench.own().isEmpty());
  }

  @Test
  void what_is_purged_in_the_quiet_hours_is_erased_in_them() throws Exception {
    bench.stop();
    bench.now("2026-11-23T03:00:00Z");
    bench.restart();
    bench.load("/a");

    CacheReply reply = bench.purge("/a");

    assertThat(((CacheReply.Done) reply).data())
        .hasToString("{\"erasedBy\":\"2026-11-23T05:00:00Z\"}");
    await("erased at once").until(() -> bench.own().isEmpty());
  }

  @Test
  void what_was_moved_aside_is_erased_when_purges_delete_from_now_on() throws Exception {
    bench.load("/a");
    bench.purge("/a");
    assertThat(bench.own()).hasSize(1);
    bench.stop();

    bench = DirectoryBench.start(root, origin);

    await("erased without any hours").until(() -> bench.own().isEmpty());
  }
}
