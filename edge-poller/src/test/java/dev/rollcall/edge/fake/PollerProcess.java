// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The poller as operators start it: the jar, in a process of its own. */
public final class PollerProcess implements AutoCloseable {
  private static final Path JAR = Tree.file("target/edge-poller.jar");

  /** How a command ended that ends by itself. */
  public record Ended(int status, String out, String err) {
    public String all() {
      return out + err;
    }
  }

  private final Process process;
  private final Path out;
  private final Path err;

  private PollerProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * @param logs where its output goes
   */
  public static PollerProcess start(Path logs, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(logs, "out", ".log");
    Path err = Files.createTempFile(logs, "err", ".log");
    var builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("ROLLCALL_"));
    builder.environment().putAll(environment);
    return new PollerProcess(builder.start(), out, err);
  }

  /** Runs a command to its end. */
  public static Ended run(Path logs, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    try (PollerProcess poller = start(logs, environment, arguments)) {
      int status = poller.await();
      return new Ended(status, poller.out(), poller.err());
    }
  }

  public long pid() {
    return process.pid();
  }

  public String out() throws IOException {
    return Files.readString(out, UTF_8);
  }

  public String err() throws IOException {
    return Files.readString(err, UTF_8);
  }

  /** What {@code ps} shows of it. */
  public String commandLine() throws IOException {
    return Files.readString(Path.of("/proc/" + pid() + "/cmdline")).replace('\0', ' ');
  }

  /** kill -9. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    await();
  }

  /** SIGTERM; answers the exit status. */
  public int terminate() throws InterruptedException {
    process.destroy();
    return await();
  }

  public int await() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("process " + pid() + " does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
