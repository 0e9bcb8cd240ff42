// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Stands in for {@code edge-poller.jar}: a process that takes work from a {@link FakeFederation}
 * and does it to a directory of files. Speaks a protocol of their own, one line each way.
 */
public final class FakePoller {
  private static final String MARK = Origin.MARK; // a constant: the jar holds no other class

  private FakePoller() {}

  /**
   * Packs this class as a jar.
   *
   * @param main what the jar starts; a class that is not there makes a poller that ends at once
   */
  static Path jar(Path file, String main) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main);
    String entry = FakePoller.class.getName().replace('.', '/') + ".class";
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest);
        var in = FakePoller.class.getClassLoader().getResourceAsStream(entry)) {
      jar.putNextEntry(new JarEntry(entry));
      in.transferTo(jar);
      jar.closeEntry();
    }
    return file;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> config = Files.readAllLines(Path.of(args[2]));
    String server = setting(config, "server: ");
    Path root = Path.of(setting(config, "root: ").replace("\"", ""));
    try (HttpClient http = HttpClient.newHttpClient()) {
      String done = "";
      while (true) {
        String work = ask(http, server + "/fake/poll", done);
        for (String path : work.isEmpty() ? new String[0] : work.split(" ", -1)) {
          Path file = root.resolve(path.substring(1).replaceAll("[^a-z.]", "_"));
          if (path.startsWith("+")) {
            Files.writeString(file, MARK);
          } else {
            Files.deleteIfExists(file);
          }
        }
        done = work;
      }
    }
  }

  private static String setting(List<String> config, String name) {
    return config.stream()
        .map(String::strip)
        .filter(line -> line.startsWith(name))
        .findFirst()
        .orElseThrow()
        .substring(name.length());
  }

  private static String ask(HttpClient http, String uri, String done)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri))
            .header("Authorization", "Bearer " + System.getenv("ROLLCALL_TOKEN"))
            .POST(HttpRequest.BodyPublishers.ofString(done))
            .build();
    return http.send(request, BodyHandlers.ofString()).body();
  }
}
