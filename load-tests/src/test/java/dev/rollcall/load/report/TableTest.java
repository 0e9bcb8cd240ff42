// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TableTest {
  @Test
  void columns_are_as_wide_as_their_widest_cell_and_numbers_end_flush() {
    var table =
        new Table("Title", "what", "ms").row("first", "1.50").row("second one", "12").note("note");

    assertThat(table)
        .hasToString(
            """
            Title

            what          ms
            ----------------
            first       1.50
            second one    12

            note
            """);
  }

  @Test
  void figures_have_three_digits_that_matter_in_every_locale() {
    assertThat(List.of(Figures.of(0.123), Figures.of(12.34), Figures.of(1234.5)))
        .containsExactly("0.12", "12.3", "1,235");
    assertThat(Figures.of(Double.NaN)).isEqualTo("-");
    assertThat(Figures.percent(0.126)).isEqualTo("13 %");
  }

  @Test
  void a_spread_is_the_median_with_the_extremes() {
    assertThat(Figures.spread(List.of(3.0, 1.0, 2.0))).isEqualTo("2.00 [1.00-3.00]");
    assertThat(Figures.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    assertThat(Figures.spread(List.of())).isEqualTo("-");
  }
}
