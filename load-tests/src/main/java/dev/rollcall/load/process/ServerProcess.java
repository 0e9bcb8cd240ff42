// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.process;

import dev.rollcall.load.database.Cluster;
import dev.rollcall.load.database.Counters;
import dev.rollcall.load.database.Database;
import dev.rollcall.load.http.Target;
import dev.rollcall.load.measure.Probe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A running {@code queue-server serve}. Thread-safe. */
public final class ServerProcess implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile("listening.*?(https?://[^\\s\",]+:\\d+)");
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final long LOOK_EVERY = TimeUnit.MILLISECONDS.toNanos(20);

  private final ServerOptions options;
  private final Process process;
  private final Path log;
  private final Thread atExit = new Thread(this::stopAll, "load-stop-server");
  private @Nullable Target target;

  private ServerProcess(ServerOptions options, Process process, Path log) {
    this.options = options;
    this.process = process;
    this.log = log;
  }

  /** Starts it and waits until it listens. */
  public static ServerProcess start(ServerOptions options) {
    try {
      Path log = options.data().resolveSibling("server.log");
      Files.createDirectories(log.getParent());
      Files.deleteIfExists(log);
      List<String> command = new ArrayList<>();
      command.add(ProcessHandle.current().info().command().orElse("java"));
      command.addAll(options.javaOptions());
      command.addAll(List.of("-jar", options.jar().toString(), "serve"));
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.environment().keySet().removeIf(name -> name.startsWith("ROLLCALL_"));
      builder.environment().putAll(options.environment());
      var server = new ServerProcess(options, builder.start(), log);
      Runtime.getRuntime().addShutdownHook(server.atExit);
      server.awaitListening();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitListening() throws IOException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (target == null) {
      target = listening().orElse(null);
      if (target == null && (!process.isAlive() || System.nanoTime() > end)) {
        String said = Files.readString(log);
        close();
        throw new IllegalStateException("the queue server does not listen; it said:\n" + said);
      }
      LockSupport.parkNanos(LOOK_EVERY);
    }
  }

  private Optional<Target> listening() throws IOException {
    for (String line : Files.readAllLines(log)) {
      Matcher found = LISTENING.matcher(line);
      if (found.find()) {
        return Optional.of(Target.of(URI.create(found.group(1))));
      }
    }
    return Optional.empty();
  }

  public Target target() {
    return Objects.requireNonNull(target);
  }

  public String adminToken() {
    return options.adminToken();
  }

  public long pid() {
    return process.pid();
  }

  /** What it logged as errors: defects, also where nobody was answered so. */
  public List<String> errors() {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(" ERROR ")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The database it uses, to look at from outside. */
  public Database database() {
    return options.external() != null ? options.external() : embedded();
  }

  private Database embedded() {
    Path data = options.data();
    try {
      String port =
          Files.readAllLines(data.resolve("cluster").resolve("postmaster.pid")).get(3).strip();
      String password = Files.readString(data.resolve("postgresql-password")).strip();
      return new Database(
          "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "rollcall", password);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Measures this server, its database and this program. */
  public Probe probe() {
    Long postmaster = options.external() != null ? null : Cluster.postmasterPid(options.data());
    Database used = database();
    return new Probe(pid(), postmaster, () -> Counters.read(used));
  }

  /** Ends it as an operator does, and its database if it is the server's own. */
  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This program is ending: the hook does the same as this.
      return;
    }
  }

  private void stopAll() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT)) {
        process.destroyForcibly();
        process.waitFor(STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
    stopLeftOverDatabase();
  }

  /** A server that had to be killed leaves its PostgreSQL behind. */
  private void stopLeftOverDatabase() {
    Path pidFile = options.data().resolve("cluster").resolve("postmaster.pid");
    if (options.external() != null || !Files.exists(pidFile)) {
      return;
    }
    ProcessHandle.of(Cluster.postmasterPid(options.data()))
        .filter(left -> left.info().command().orElse("").endsWith("/postgres"))
        .ifPresent(left -> {
          left.destroy();
          left.onExit().orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        });
  }
}
