// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.IdleRound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Every figure that has a goal, in one run, and whether it is met. */
@Command(
    name = "all",
    mixinStandardHelpOptions = true,
    description = "All figures that have a goal, in interleaved rounds, and whether they are met.")
public final class All implements Callable<Integer> {
  private static final int NOT_FINISHED = 3;

  @Mixin private BedOptions options = new BedOptions();
  @Mixin private AllOptions sizes = new AllOptions();

  @Override
  public Integer call() throws IOException {
    sizes.check(options);
    var findings = new Findings();
    boolean _ =
        options.withData(directory -> {
          rounds(directory, findings);
          idle(directory, findings);
          return true;
        });
    findings.compare();
    String title =
        "All figures; rounds: %d, seconds of warm-up before: %d"
            .formatted(sizes.rounds(), sizes.warmUp().toSeconds());
    Table figures = findings.board().table(title);
    sizes.describe().forEach(figures::note);
    Table costs = findings.costs();
    costs.note("");
    findings.doubts().forEach(costs::note);
    options.show(
        figures + "\n" + costs + Shown.verdict(findings.judged()),
        findings.board().chart(title).svg());
    return findings.isUnfinished() ? NOT_FINISHED : Shown.status(findings.judged());
  }

  private void rounds(Path directory, Findings findings) throws IOException {
    var groups = List.of(sizes.busy(), sizes.fan(), sizes.far());
    try (Bed bed = Bed.open(options.server(directory), groups)) {
      var rounds = new Interleaving(bed, sizes, findings);
      rounds.warmUp();
      for (int round = 1; round <= sizes.rounds(); round++) {
        rounds.round(round);
      }
    }
  }

  private void idle(Path directory, Findings findings) {
    try {
      List<IdleRound.Outcome> outcomes = new ArrayList<>();
      for (int count : sizes.idleEdges()) {
        var server = options.server(directory.resolve("edges-" + count));
        outcomes.add(IdleRound.run(server, Groups.idle(count), sizes.idle()));
      }
      findings.idle(outcomes.getFirst(), outcomes.getLast());
    } catch (IOException | RuntimeException e) {
      findings.failed("idle", List.of(), e);
    }
  }
}
