// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.measure.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** One thing in relation to another, round by round: only neighbours in time are compared. */
final class Ratios {
  private Ratios() {}

  static List<Double> of(List<Usage> these, List<Usage> those, ToDoubleFunction<Usage> figure) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(these.size(), those.size()); i++) {
      ratios.add(figure.applyAsDouble(these.get(i)) / figure.applyAsDouble(those.get(i)));
    }
    return ratios;
  }
}
