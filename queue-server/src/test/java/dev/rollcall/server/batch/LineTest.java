// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.batch.Line.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Items are of one kin that begin with the same letter. */
final class LineTest {
  private final Line<String> line = new Line<>(item -> item.charAt(0));

  private void add(String... items) {
    Stream.of(items).forEach(line::add);
  }

  private List<String> take(int most) {
    List<String> taken = new ArrayList<>();
    line.offer(item -> {
      if (taken.size() == most) {
        return Offer.STOP;
      }
      taken.add(item);
      return Offer.TAKE;
    });
    return taken;
  }

  @Test
  void the_kin_of_the_oldest_comes_first_then_that_of_the_next_oldest() {
    add("b1", "a1", "c1", "a2", "b2");

    assertThat(take(10)).containsExactly("b1", "b2", "a1", "a2", "c1");
    assertThat(line.size()).isZero();
  }

  @Test
  void whoever_waits_is_the_oldest_some_time_though_others_keep_coming() {
    add("a1", "a2", "b1");
    int round = 0;
    List<String> taken = List.of();
    while (!taken.contains("b1") && round < 10) {
      taken = take(2);
      add("a" + (10 + round), "a" + (20 + round));
      round++;
    }

    assertThat(round).isEqualTo(2);
    assertThat(taken.getFirst()).isEqualTo("b1");
  }

  @Test
  void what_is_left_keeps_its_place() {
    add("a1", "a2", "b1");
    line.offer(item -> item.equals("a1") ? Offer.LEAVE : Offer.TAKE);
    add("b2", "a3");

    assertThat(take(10)).containsExactly("a1", "a3", "b2");
  }

  @Test
  void one_that_gives_up_leaves_the_line() {
    add("a1", "b1");

    assertThat(line.remove("a1")).isTrue();
    assertThat(line.remove("a1")).isFalse();
    assertThat(line.remove("c1")).isFalse();
    assertThat(line.size()).isEqualTo(1);
    assertThat(take(10)).containsExactly("b1");
  }
}
