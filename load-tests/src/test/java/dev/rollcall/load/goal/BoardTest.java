// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.goal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class BoardTest {
  private final Board board = new Board();

  @Test
  void the_median_decides_whatever_single_rounds_say() {
    board.addAll(Figure.RAW, List.of(0.1, 0.6, 0.9));

    assertThat(board.verdict(Figure.RAW)).isEqualTo(Verdict.FLOOR);
    assertThat(board.table("title").toString())
        .containsPattern(
            "\nraw / floor +0\\.60 \\[0\\.10-0\\.90\\] +>= 0\\.50 +>= 0\\.80 +floor\n");
  }

  @Test
  void a_round_without_a_number_leaves_no_verdict() {
    board.addAll(Figure.RAW, List.of(0.9, 0.9, Double.NaN));

    assertThat(board.verdict(Figure.RAW)).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void every_figure_has_a_row_also_if_it_was_not_measured() {
    String table = board.table("title").toString();

    for (Figure figure : Figure.values()) {
      assertThat(board.verdict(figure)).isEqualTo(Verdict.UNKNOWN);
      assertThat(table).contains("\n" + figure.label() + " ");
    }
    assertThat(table.lines().filter(line -> line.endsWith("  -"))).hasSize(Figure.values().length);
  }

  @Test
  void the_plot_shows_all_in_one_measure_and_leaves_out_what_has_none() {
    board.add(Figure.RAW, 1.0);
    board.add(Figure.COMPLETE, 125);
    board.add(Figure.IDLE_STATEMENTS, 0);

    String svg = board.chart("title").svg();

    assertThat(svg).contains("raw / floor", "fanout: complete").doesNotContain("statements");
    assertThat(svg.split(">2\\.00<", -1)).as("both are twice as good as the floor").hasSize(3);
  }
}
