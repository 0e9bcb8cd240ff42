// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real varnishd with the VCL that is shipped, on a port of its own. */
public final class Varnish implements AutoCloseable {
  /** What to do when there is none. */
  public static final String MISSING = "varnishd is missing: apt-get install varnish";

  private static final Path SAMPLES = Tree.file("samples/varnish");

  private final Path directory;
  private final int port;
  private final Process process;

  private Varnish(Path directory, int port, Process process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  public static boolean isInstalled() {
    return Files.isExecutable(Path.of("/usr/sbin/varnishd"));
  }

  /**
   * @param home an empty directory below one that every user may enter
   * @param vcl what comes after the backend and the include
   * @param more options for varnishd
   */
  public static Varnish start(Path home, int originPort, String vcl, String... more)
      throws IOException, InterruptedException {
    return start(home, freePort(), originPort, vcl, more);
  }

  public static Varnish start(Path home, int port, int originPort, String vcl, String... more)
      throws IOException, InterruptedException {
    return startWith(home, port, originPort, SAMPLES.resolve("rollcall.vcl"), vcl, more);
  }

  /**
   * @param included instead of the VCL that is shipped
   */
  public static Varnish startWith(
      Path home, int port, int originPort, Path included, String vcl, String... more)
      throws IOException, InterruptedException {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path main = home.resolve("main.vcl");
    Files.writeString(
        main,
        """
        vcl 4.1;
        backend default { .host = "127.0.0.1"; .port = "%d"; }
        include "%s";
        %s
        """
            .formatted(originPort, included, vcl));
    return run(home, port, main, more);
  }

  private static Varnish run(Path home, int port, Path main, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/sbin/varnishd", "-F", "-j", "none"));
    command.addAll(List.of("-n", home.resolve("n").toString(), "-s", "malloc,64m"));
    command.addAll(List.of("-a", "127.0.0.1:" + port, "-T", "127.0.0.1:0"));
    command.addAll(List.of("-f", main.toString()));
    command.addAll(List.of(more));
    Path log = home.resolve("varnishd.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    var varnish = new Varnish(home, port, process);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.readString(log, UTF_8).contains("said Child starts")) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        varnish.close();
        throw new IOException("varnishd did not start: " + Files.readString(log, UTF_8));
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    return varnish;
  }

  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public int port() {
    return port;
  }

  /** What {@code varnishadm} answers. */
  public String admin(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("/usr/bin/varnishadm", "-n", directory.resolve("n").toString()));
    command.addAll(List.of(arguments));
    Process admin = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(admin.getInputStream().readAllBytes(), UTF_8);
    admin.waitFor();
    return said;
  }

  /** How often the cache process was started: more than once means that it died. */
  public long childStarts() throws IOException {
    return Files.readString(directory.resolve("varnishd.log"), UTF_8)
        .lines()
        .filter(line -> line.contains("said Child starts"))
        .count();
  }

  /** kill -9 of the manager and of the cache process. */
  public void kill() throws InterruptedException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
    all.forEach(killed -> killed.onExit().join());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
