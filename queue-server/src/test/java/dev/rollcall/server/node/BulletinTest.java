// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BulletinTest {
  private static final UUID SENDER = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");

  private static Bulletin readAll(List<String> pages) {
    Bulletin all = Bulletin.empty();
    for (String page : pages) {
      Bulletin.Received read = Bulletin.read(page);
      assertThat(read.sender()).isEqualTo(SENDER);
      all.servers().addAll(read.bulletin().servers());
      all.commands().addAll(read.bulletin().commands());
      all.cancelled().addAll(read.bulletin().cancelled());
      all.arrivals().addAll(read.bulletin().arrivals());
    }
    return all;
  }

  @Test
  void what_was_written_is_read() {
    Bulletin bulletin = Bulletin.empty();
    bulletin.servers().addAll(List.of(1, 2, 40, 2_000_000_000));
    bulletin.commands().addAll(List.of(1L, Long.MAX_VALUE));
    bulletin.cancelled().add(new Bulletin.Cancelled(40, Long.MAX_VALUE - 1, 7));
    bulletin.arrivals().add(new Bulletin.Arrival(2, Integer.MAX_VALUE));

    List<String> pages = bulletin.write(SENDER);

    assertThat(pages).hasSize(1);
    assertThat(readAll(pages)).isEqualTo(bulletin);
  }

  @Test
  void what_is_too_long_for_one_notification_is_spread_over_several() {
    Bulletin bulletin = Bulletin.empty();
    IntStream.range(0, 100_000).map(i -> i * 50).forEach(bulletin.servers()::add);
    LongStream.range(0, 2_000)
        .map(i -> Long.MAX_VALUE - i * 4_194_304)
        .forEach(bulletin.commands()::add);
    for (int i = 0; i < 2_000; i++) {
      bulletin.cancelled().add(new Bulletin.Cancelled(i, Long.MAX_VALUE - i, Integer.MAX_VALUE));
      bulletin.arrivals().add(new Bulletin.Arrival(i, Integer.MAX_VALUE - i));
    }

    List<String> pages = bulletin.write(SENDER);

    assertThat(pages)
        .hasSizeGreaterThan(10)
        .allSatisfy(
            page -> assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(8_000));
    assertThat(readAll(pages)).isEqualTo(bulletin);
  }

  @Test
  void nothing_to_say_is_no_page() {
    assertThat(Bulletin.empty().write(SENDER)).isEmpty();
  }

  @Test
  void a_part_of_a_newer_node_is_passed_over() {
    Bulletin read = Bulletin.read(SENDER + " zfuture.stuff w5").bulletin();

    assertThat(read.servers()).containsExactly(5);
  }

  @Test
  void what_no_node_writes_is_refused() {
    for (String page : List.of("", "hello", SENDER + " w-", SENDER + " c1.2", "x w1")) {
      assertThatThrownBy(() -> Bulletin.read(page))
          .as(page)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
