// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The built jar as a process of its own, with what it said. */
final class ServerProcess implements AutoCloseable {
  static final Path JAR = Path.of("target", "queue-server.jar").toAbsolutePath();

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts any subcommand; what it prints goes to a file beside {@code log}. */
  static ServerProcess run(Path log, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("ROLLCALL_"));
    builder.environment().putAll(environment);
    return new ServerProcess(builder.start(), log);
  }

  /** Starts {@code serve} and waits until it is ready. */
  static ServerProcess serve(Path data, int port, Map<String, String> environment)
      throws IOException {
    Path log = data.resolveSibling("serve.log");
    long before = Files.exists(log) ? Files.size(log) : 0;
    ServerProcess server =
        run(log, environment, "serve", "--data", data.toString(), "--listen", "127.0.0.1:" + port);
    Awaitility.await("the server is ready")
        .atMost(Duration.ofMinutes(1))
        .failFast("it ended: see " + log, () -> !server.process.isAlive())
        .until(() -> Files.readString(log).substring((int) before).contains("ready at"));
    return server;
  }

  /** A port that was free a moment ago. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static URI base(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  String output() throws IOException {
    return Files.readString(log);
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Sends a signal by its name, such as STOP or CONT. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  void terminate() {
    process.destroy();
  }

  int awaitExit(Duration most) throws InterruptedException {
    if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("still running after " + most + "; see " + log);
    }
    return process.exitValue();
  }

  /** Stops it; what it started goes with it. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
