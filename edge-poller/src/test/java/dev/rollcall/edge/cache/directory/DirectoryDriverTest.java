// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static dev.rollcall.edge.cache.directory.DirectoryBench.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.telemetry.IoReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DirectoryDriverTest {
  @TempDir private Path root;
  private FakeOrigin origin;
  private DirectoryBench bench;

  @BeforeEach
  void start() throws IOException {
    origin = new FakeOrigin();
    bench = DirectoryBench.start(root, origin);
  }

  @AfterEach
  void stop() throws InterruptedException {
    bench.stop();
    origin.close();
  }

  @Test
  void a_load_makes_files_and_a_purge_removes_them() throws Exception {
    assertThat(bench.load("/a/b.js", "/a/", "/c?d=e/f"))
        .isEqualTo(new CacheReply.Done(Codes.LOADED, 3L, "3 URLs loaded", null));
    assertThat(bench.served())
        .containsExactly(HOST + "/a/b.js", HOST + "/a/{index}", HOST + "/c?d=e|f");
    assertThat(root.resolve(HOST + "/a/b.js")).hasContent("/a/b.js for the 1. time");
    assertThat(origin.asked().getFirst().host()).isEqualTo(HOST);

    assertThat(bench.purge("/a/", "/c?d=e/f", "/nothing"))
        .isEqualTo(new CacheReply.Done(Codes.DELETED, 2L, "2 files deleted", null));
    assertThat(bench.served()).containsExactly(HOST + "/a/b.js");

    bench.purge("/a/b.js");
    assertThat(root.resolve(HOST)).as("directories that became empty").doesNotExist();
  }

  @Test
  void a_file_and_a_directory_may_have_one_name() throws Exception {
    bench.load("/a");
    bench.load("/a/b");
    assertThat(bench.served()).containsExactly(HOST + "/a/b", HOST + "/a/{self}");
    assertThat(root.resolve(HOST + "/a/{self}")).hasContent("/a for the 1. time");

    bench.load("/a");
    assertThat(root.resolve(HOST + "/a/{self}")).hasContent("/a for the 2. time");

    assertThat(bench.purge("/a")).extracting("objects").isEqualTo(1L);
    assertThat(bench.served()).containsExactly(HOST + "/a/b");
  }

  @ParameterizedTest(name = "{0} removes {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prefixes\": [\"https://www.acme.example/a/\"]}|/a/,/a/b.js,/a/c/d.css?v=1",
        "{\"prefixes\": [\"https://www.acme.example/a\"]}|/a,/a/,/a/b.js,/a/c/d.css?v=1,/ab",
        "{\"prefixes\": [\"https://www.acme.example/a/c/d.css?v\"]}|/a/c/d.css?v=1",
        "{\"patterns\": [\"*.js\"]}|/a/b.js,/x.js",
        "{\"patterns\": [{\"pattern\": \"/A/*.CSS\"}]}|/a/c/d.css?v=1",
        "{\"regexes\": [\"^/[^/]+$\"]}|/a,/ab,/x.js",
        "{\"regexes\": [\"^/$\"], \"urls\": [\"https://www.acme.example/x.js\"]}|/,/x.js",
        "{\"everything\": true}|/,/a,/a/,/a/b.js,/a/c/d.css?v=1,/ab,/x.js",
      })
  void wide_selectors_remove_what_they_cover(String parameters, String removed) throws Exception {
    List<String> targets = List.of("/", "/a", "/a/", "/a/b.js", "/a/c/d.css?v=1", "/ab", "/x.js");
    bench.load(targets.toArray(String[]::new));
    Path other = Files.createDirectories(root.resolve("www.other.example"));
    Files.writeString(other.resolve("x.js"), "another's");

    CacheReply reply = bench.run(Executions.of("c", "purge", parameters));

    assertThat(reply).isEqualTo(done(removed.split(",", -1).length));
    List<String> left = bench.served();
    assertThat(left).hasSize(targets.size() - removed.split(",", -1).length + 1);
    assertThat(left).contains("www.other.example/x.js");
    for (String target : removed.split(",", -1)) {
      assertThat(bench.purge(target)).as(target).extracting("objects").isEqualTo(0L);
    }
  }

  private static CacheReply done(long objects) {
    return new CacheReply.Done(Codes.DELETED, objects, objects + " files deleted", null);
  }

  @Test
  void a_wildcard_host_covers_the_directories_below_it() throws Exception {
    for (String host : List.of("a.wild.example", "b.a.wild.example", "wild.example")) {
      Files.writeString(Files.createDirectories(root.resolve(host)).resolve("x"), "x");
    }
    Files.createDirectories(root.resolve("not a host"));

    CacheReply reply =
        bench.run(
            Executions.of("c", "purge", "{\"everything\": true}").in("alpha/w", "*.wild.example"));

    assertThat(reply).isEqualTo(done(2));
    assertThat(bench.served()).containsExactly("wild.example/x");
  }

  @Test
  void names_that_no_file_can_have_are_cut() throws Exception {
    String target = "/" + "d".repeat(300) + "/" + "f".repeat(500) + "?" + "q".repeat(700);

    assertThat(bench.load(target)).isInstanceOf(CacheReply.Done.class);
    assertThat(bench.purge(target)).isEqualTo(done(1));

    String tooLong = "/" + "p".repeat(5_000);
    assertThat(bench.load(tooLong).code()).isEqualTo(Codes.UNSUPPORTED);
    assertThat(bench.purge(tooLong)).isEqualTo(done(0));
  }

  @Test
  void long_names_that_end_in_dots_have_files_of_their_own() throws Exception {
    String up = "/" + "d".repeat(240) + "..";
    bench.load("/victim", up + "/victim", up, "/" + "e".repeat(240) + "..");

    assertThat(bench.served()).hasSize(4);
    assertThat(root.resolve(HOST + "/victim")).hasContent("/victim for the 1. time");
    assertThat(bench.purge(up + "/victim", up)).isEqualTo(done(2));
    assertThat(bench.served()).hasSize(2).contains(HOST + "/victim");
  }

  @Test
  void a_disk_that_takes_no_more_is_not_blamed_on_the_origin() throws Exception {
    Path full = Path.of("/dev/full");
    try (FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE)) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> OriginFetch.write(channel, full, ByteBuffer.allocate(1)))
          .withMessageContaining("No space left on device");
    }
  }

  @Test
  void a_directory_that_cannot_be_one_is_said(@TempDir Path other) throws Exception {
    Path file = Files.writeString(other.resolve("file"), "");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> DirectoryBench.driver(file, origin, null, Instant::now).start())
        .satisfies(e ->
            assertThat(IoReason.of(e)).isEqualTo(file + " is there, and is not what is needed"));
  }

  @Test
  void links_are_removed_but_never_followed(@TempDir Path outside) throws Exception {
    Files.writeString(outside.resolve("secret"), "stays");
    Files.createDirectories(root.resolve(HOST));
    Files.createSymbolicLink(root.resolve(HOST + "/file"), outside.resolve("secret"));
    Files.createSymbolicLink(root.resolve(HOST + "/dir"), outside);

    assertThat(bench.purge("/file")).isEqualTo(done(1));
    assertThat(bench.purge("/dir/secret").code()).isEqualTo(Codes.SYMBOLIC_LINK);
    assertThat(bench.load("/dir/new").code()).isEqualTo(Codes.SYMBOLIC_LINK);
    CacheReply regex = bench.run(Executions.of("c", "purge", "{\"regexes\": [\"secret$\"]}"));
    assertThat(regex.code()).isEqualTo(Codes.SYMBOLIC_LINK);
    assertThat(regex.message()).contains(HOST + "/dir");
    assertThat(bench.run(Executions.of("c", "purge", "{\"everything\": true}"))).isEqualTo(done(1));

    assertThat(outside.resolve("secret")).hasContent("stays");
    assertThat(outside).isDirectoryNotContaining("glob:**new");
    Files.createSymbolicLink(root.resolve(HOST), outside);
    assertThat(bench.run(Executions.of("c", "purge", "{\"everything\": true}")).code())
        .isEqualTo(Codes.SYMBOLIC_LINK);
  }

  @ParameterizedTest(name = "a page with status {0}")
  @ValueSource(ints = {301, 302, 304, 404, 500, 503})
  void what_is_no_success_is_not_kept(int status) throws Exception {
    origin.page("/s", exchange -> FakeOrigin.answer(exchange, status, status == 304 ? "" : "page"));

    assertThat(bench.load("/s").code()).isEqualTo("status-" + status);
    assertThat(bench.served()).isEmpty();
    assertThat(bench.own()).isEmpty();
  }

  @Test
  void what_is_too_large_or_breaks_off_is_not_kept() throws Exception {
    origin.page("/large", exchange -> FakeOrigin.answer(exchange, 200, "x".repeat(1_000_001)));
    origin.page(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] piece = new byte[100_000];
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(piece);
          }
        });
    origin.page(
        "/torn",
        exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          throw new IOException("gone");
        });

    assertThat(bench.load("/large").code()).isEqualTo(Codes.TOO_LARGE);
    assertThat(((CacheReply.Failed) bench.load("/endless")).retry()).isFalse();
    assertThat(bench.load("/torn").code()).isEqualTo(Codes.UNREACHABLE);
    assertThat(bench.served()).isEmpty();
    assertThat(bench.own()).isEmpty();
  }

  @Test
  void a_configuration_without_an_origin_is_not_loaded() throws Exception {
    CacheReply reply =
        bench.run(
            Executions.load("c", "https://www.beta.example/a").in("beta/www", "www.beta.example"));

    assertThat(reply).isInstanceOf(CacheReply.Rejected.class);
    assertThat(reply.code()).isEqualTo(Codes.NO_ORIGIN);
    assertThat(origin.asked()).isEmpty();
  }

  @Test
  void invalidate_is_a_purge_and_only_where_that_is_allowed() throws Exception {
    bench.load("/a");
    var invalidate = Executions.of("c", "invalidate", Executions.urls("https://" + HOST + "/a"));

    assertThat(bench.run(invalidate).code()).isEqualTo(Codes.UNSUPPORTED);
    assertThat(bench.served()).hasSize(1);
    assertThat(bench.run(invalidate.widen()).code()).isEqualTo(Codes.WIDENED);
    assertThat(bench.served()).isEmpty();
  }

  @Test
  void a_load_under_way_does_not_bring_back_what_a_purge_removed() throws Exception {
    var asked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    origin.page(
        "/race",
        exchange -> {
          asked.countDown();
          release.await();
          FakeOrigin.answer(exchange, 200, "asked " + origin.asked("/race"));
        });
    var loaded = new CompletableFuture<CacheReply>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            loaded.complete(bench.load("/race"));
          } catch (InterruptedException e) {
            loaded.completeExceptionally(e);
          }
        });
    asked.await();

    bench.run(Executions.of("c", "purge", "{\"patterns\": [\"/r*\"]}"));
    release.countDown();

    assertThat(loaded.get()).isInstanceOf(CacheReply.Done.class);
    assertThat(root.resolve(HOST + "/race")).hasContent("asked 2");
  }

  @Test
  void what_a_killed_process_was_fetching_is_cleared() throws Exception {
    bench.stop();
    Files.writeString(root.resolve(".rollcall/tmp/half"), "half");

    bench = DirectoryBench.start(root, origin);

    assertThat(bench.own()).isEmpty();
  }

  @Test
  void a_second_poller_is_told_who_holds_the_directory() {
    DirectoryDriver second = DirectoryBench.driver(root, origin, null, java.time.Instant::now);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(second::start)
        .withMessageContaining("held by another poller: this test");
  }

  @Test
  void a_root_that_vanishes_is_no_empty_cache() throws Exception {
    Files.move(root.resolve(".rollcall"), root.resolve("gone"));

    assertThat(bench.purge("/a"))
        .isEqualTo(
            new CacheReply.Unreachable(
                Codes.UNREACHABLE, root + " is not there any more, or is another one", false));
    assertThat(bench.probe()).isPresent();

    Files.move(root.resolve("gone"), root.resolve(".rollcall"));
    assertThat(bench.probe()).isEmpty();
    assertThat(bench.purge("/a")).isInstanceOf(CacheReply.Done.class);
  }

  @Test
  void a_root_that_vanishes_during_a_task_is_told_from_a_failure_of_it() throws Exception {
    origin.page(
        "/a",
        exchange -> {
          Files.move(root.resolve(".rollcall"), root.resolve("gone"));
          FakeOrigin.answer(exchange, 200, "a");
        });

    CacheReply reply = bench.load("/a");

    assertThat(reply).isInstanceOf(CacheReply.Unreachable.class);
    assertThat(((CacheReply.Unreachable) reply).begun()).isTrue();
    Files.move(root.resolve("gone"), root.resolve(".rollcall"));
  }

  @Test
  void an_origin_that_is_away_is_no_cache_that_is() throws Exception {
    origin.close();

    CacheReply reply = bench.load("/a");

    assertThat(reply).isInstanceOf(CacheReply.Failed.class);
    assertThat(reply.code()).isEqualTo(Codes.UNREACHABLE);
    assertThat(bench.probe()).isEmpty();
  }
}
