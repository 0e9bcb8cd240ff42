// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.goal.Figure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each of the other scenarios in short: it ends, keeps the promises, shows its figures and fits a
 * narrow terminal. One data directory for all, so that one cluster is made.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class ScenariosIT {
  private static final int COLUMNS = 80;

  @TempDir private static Path shared;

  /** Answers what it said. */
  private static String run(String scenario, String... options) {
    Path results = shared.resolve("results");
    List<String> arguments = new ArrayList<>(List.of(scenario));
    arguments.addAll(List.of(options));
    arguments.add("--server-java-option=-XX:TieredStopAtLevel=1");
    arguments.add("--data=" + shared.resolve("data"));
    arguments.add("--results=" + results);
    var said = new StringWriter();

    int status =
        Main.commandLine()
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute(arguments.toArray(String[]::new));

    String text = said.toString();
    assertThat(status).as(text).isZero();
    assertThat(results.resolve(scenario + ".txt")).hasContent(text);
    assertThat(results.resolve(scenario + ".svg")).content().startsWith("<svg");
    assertThat(text.lines().filter(line -> !line.startsWith(scenario + " --")))
        .as("what was found, without the command line")
        .allMatch(line -> line.length() <= COLUMNS);
    return text;
  }

  @Test
  void steady() {
    assertThat(run("steady", "--edges=20", "--rounds=1", "--seconds=1", "--warm-up=1"))
        .containsPattern("\ncapacity 50 +[1-9]")
        .containsPattern("\ncapacity 10 +[1-9]")
        .contains("judged 2 histories: every promise kept");
  }

  @Test
  void churn() {
    assertThat(run("churn", "--edges=20", "--rounds=1", "--seconds=1", "--warm-up=1"))
        .containsPattern("\nno snapshot +[1-9]")
        .containsPattern("\nsnapshot held +[1-9]")
        .contains("judged 2 histories: every promise kept");
  }

  @Test
  void fanout() {
    assertThat(run("fanout", "--edges=20", "--servers=200", "--times=2"))
        .containsPattern("20 connected edges, accepted to complete +[0-9.,]+ \\[.* 2\n")
        .containsPattern("200 servers, sent to accepted +[0-9.,]+ \\[.* 1\n")
        .contains("judged 2 histories: every promise kept");
  }

  @Test
  void registry() {
    assertThat(run("registry", "--servers=200", "--deployments=400"))
        .containsPattern("\napplied, all of it new +[0-9.]+\n")
        .containsPattern("MiB at most, its heap 256")
        .contains("the registry was each time what it should be");
  }

  @Test
  void latency() {
    assertThat(run("latency", "--edges=20", "--per-second=20", "--seconds=1", "--warm-up=0"))
        .containsPattern("from accepted \\(202\\) +[0-9.,]+ .* 200\n")
        .containsPattern("from sent +[0-9.,]+ .* 200\n")
        .contains("judged 1 history: every promise kept");
  }

  @Test
  void idle() {
    assertThat(run("idle", "--edges=20,40", "--seconds=3", "--warm-up=0"))
        .containsPattern("\n20 +[0-9.,]+ +[0-9.,]+")
        .contains("statements that are executed more often when more polls wait: none")
        .contains("judged 2 histories: every promise kept");
  }

  @Test
  void fair() {
    assertThat(run("fair", "--edges=20", "--backlog=20", "--targets=2", "--times=1", "--warm-up=1"))
        .containsPattern("\nbeside / alone: [0-9.]+\n")
        .contains("each of the other's commands goes to 2 edges: 2.00 waited at each")
        .contains("judged 3 histories: every promise kept");
  }

  @Test
  void hostile() {
    assertThat(
            run(
                "hostile",
                "--edges=20",
                "--per-second=20",
                "--seconds=2",
                "--warm-up=1",
                "--silent=300",
                "--others=20"))
        .containsPattern("\nsilent +300 +[0-9]+ +[0-9.,]+")
        .containsPattern("\nlarge headers +[0-9]+ +[1-9][0-9]* +[0-9.,]+")
        .containsPattern("\nall at once +[3-9][0-9]{2} +[1-9][0-9]* +[0-9.,]+")
        .contains("judged 11 histories: every promise kept");
  }

  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void all() {
    String text =
        run(
            "all",
            "--rounds=2",
            "--seconds=1",
            "--warm-up=1",
            "--edges=20",
            "--fan-edges=20",
            "--far-servers=200",
            "--raw-servers=200",
            "--raw-commands=4",
            "--backlog=20",
            "--targets=2",
            "--idle-edges=20,40",
            "--idle-seconds=3");

    for (Figure figure : Figure.values()) {
      assertThat(text)
          .as("measured, with a verdict")
          .containsPattern(
              "\n" + Pattern.quote(figure.label()) + " +[0-9.,]+ \\[.*\\] .* (aim|floor|NO)\n");
    }
    assertThat(text)
        .containsPattern("\nraw +[0-9.,]+")
        .containsPattern("\nfanout accepted +[0-9.,]+")
        .contains("a checkpoint ended in")
        .contains("judged 22 histories: every promise kept");
  }

  @Test
  void raw_beside_the_floor() {
    assertThat(
            run(
                "raw",
                "--servers=200",
                "--participants=4",
                "--warm-up=2",
                "--commands=4",
                "--rounds=1"))
        .containsPattern("\n1 +floor +[1-9]")
        .containsPattern("\n1 +raw +[1-9]")
        .contains("raw / floor, in each round: ");
  }

  @Test
  void floor() {
    assertThat(
            run(
                "floor",
                "--servers=200",
                "--participants=4",
                "--warm-up=2",
                "--commands=4",
                "--rounds=1"))
        .containsPattern("\n1 +floor +[1-9]");
  }
}
