// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.Judgement;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.http.Target;
import java.net.URI;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SimulatedEdgeTest {
  private static final String COMMAND = new UUID(1, 2).toString();

  private final SimulatedEdge edge =
      new SimulatedEdge(
          new EdgeIdentity(0, "p/s", "token"),
          "instance",
          new Behaviour(10, 30, 0, 0),
          Target.of(URI.create("http://127.0.0.1:1")),
          new CommandLog(),
          new LeaseLog());

  @BeforeEach
  void executes_something_and_loses_the_answer_to_its_report() {
    edge.answering(1);
    edge.execution(COMMAND, 1, 60);
    assertThat(edge.answered()).isZero();
    edge.poll(2, false);
    edge.notAnswered();
  }

  @ParameterizedTest
  @CsvSource({"ACCEPTED, 1", "DUPLICATE, 1", "STALE, 0", "INVALID, 0"})
  void what_ended_counts_once_it_is_known_also_if_it_was_accepted_unheard(
      Judgement judgement, int ended) {
    edge.poll(3, false);
    edge.answering(4);
    edge.verdict(0, COMMAND, 1, judgement);

    assertThat(edge.answered()).isEqualTo(ended);
    assertThat(edge.owes()).isFalse();
  }
}
