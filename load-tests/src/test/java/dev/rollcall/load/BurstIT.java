// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.load.history.Violations.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scenario {@code burst} as it is run from a shell, in short. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class BurstIT {
  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  private Process start(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(said().toFile())
            .start();
    started.add(process);
    return process;
  }

  private Path said() {
    return directory.resolve("said");
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : started) {
      process.destroy();
      process.waitFor();
    }
  }

  @Test
  void a_burst_is_measured_judged_and_leaves_nothing_behind() throws Exception {
    Path data = directory.resolve("data");
    Path results = directory.resolve("results");
    Process process =
        start(
            "burst",
            "--commands=10",
            "--edges=100",
            "--retrying=20",
            "--data=" + data,
            "--server-java-option=-Drun=" + data,
            "--server-java-option=-XX:TieredStopAtLevel=1",
            "--results=" + results);

    Set<ProcessHandle> seen = new HashSet<>();
    while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
      ProcessHandle.allProcesses().filter(one -> belongsTo(one, data)).forEach(seen::add);
    }
    seen.remove(process.toHandle());

    String said = Files.readString(said());
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said)
        .contains("10 commands to 100 edges")
        .containsPattern("accepted to complete +[0-9.,]+ +[0-9.,]+ +[0-9.,]+ +[0-9.,]+\n")
        .containsPattern("\n1,000 executions in [0-9.]+ s: [0-9.,]+ a second\n")
        .doesNotContain("BROKEN");
    for (Promise promise : Promise.values()) {
      assertThat(said).contains("kept    " + promise.meaning());
    }
    assertThat(results.resolve("burst.txt")).hasContent(said);
    assertThat(results.resolve("burst.svg")).content().startsWith("<svg");
    assertThat(seen).as("the server and its PostgreSQL").hasSizeGreaterThanOrEqualTo(2);
    await("all of them have ended").until(() -> seen.stream().noneMatch(ProcessHandle::isAlive));
  }

  private static boolean belongsTo(ProcessHandle process, Path data) {
    return process
        .info()
        .arguments()
        .map(arguments -> Arrays.stream(arguments).anyMatch(a -> a.contains(data.toString())))
        .orElse(false);
  }

  @Test
  void a_wrong_command_line_says_so_and_starts_nothing() throws Exception {
    Process process = start("burst", "--edges=15", "--data=" + directory.resolve("data"));

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(Files.readString(said())).contains("--edges 15 is no multiple of 10");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void a_server_that_does_not_start_is_not_a_broken_promise() throws Exception {
    Process process = start("burst", "--jar=" + directory.resolve("none.jar"));

    assertThat(process.waitFor()).isEqualTo(3);
    assertThat(Files.readString(said())).contains("none.jar is not there");
  }
}
