// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.server.app.cli.CommandFailure.Wrong;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which queue server a command talks to, and with which token. */
final class ServerOptions {
  private static final String DEFAULT_SERVER = "http://127.0.0.1:8080";
  private static final String DEFAULT_DATA = "./rollcall-data";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  @Option(
      names = "--server",
      paramLabel = "URL",
      order = 90,
      description =
          "Address of the queue server (or ROLLCALL_SERVER; default " + DEFAULT_SERVER + ").")
  @Nullable String server;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      order = 91,
      description =
          "A server's data directory on this machine, for the token in its file admin-token (or"
              + " ROLLCALL_DATA; default "
              + DEFAULT_DATA
              + " for servers on this machine). ROLLCALL_TOKEN or ROLLCALL_TOKEN_FILE come first.")
  @Nullable String data;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      order = 92,
      description = "PEM file with the certificates to trust instead of the usual authorities.")
  @Nullable Path ca;

  @Option(
      names = "--insecure-server",
      order = 93,
      description = "Send the token over http to a server that is not on this machine.")
  boolean insecureServer;

  /**
   * @throws CommandFailure when the options or the environment are wrong
   */
  RestClient connect(Map<String, String> environment) {
    URI address = address(environment);
    boolean loopback = LOOPBACK.contains(String.valueOf(address.getHost()));
    if (address.getScheme().equals("http") && !loopback && !insecureServer) {
      throw Wrong.usage(
          "the server is "
              + address
              + ": over http the token would travel in the clear; use https, or --insecure-server"
              + " if something else encrypts");
    }
    Credential credential = Credential.find(environment, dataDirectory(environment, loopback));
    return new RestClient(address, credential, ca == null ? null : TrustedCa.of(ca));
  }

  private URI address(Map<String, String> environment) {
    String fromEnvironment = environment.getOrDefault("ROLLCALL_SERVER", "");
    String text =
        server != null ? server : fromEnvironment.isEmpty() ? DEFAULT_SERVER : fromEnvironment;
    String name = server != null || fromEnvironment.isEmpty() ? "--server" : "ROLLCALL_SERVER";
    try {
      URI uri = new URI(text.replaceAll("/+$", ""));
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // told below, as any other address that cannot be used
    }
    throw Wrong.usage(
        name
            + " is \""
            + Printable.text(text.replaceAll("//[^/]*@", "//...@"))
            + "\"; the address of a queue server such as "
            + DEFAULT_SERVER
            + " is needed"
            + (text.matches("[a-z0-9.*-]+/[a-z0-9.*-]+") ? " (edge servers go to --servers)" : ""));
  }

  /** A token found by default goes to this machine only; one that was pointed to, anywhere. */
  private @Nullable Path dataDirectory(Map<String, String> environment, boolean loopback) {
    String given = data != null ? data : environment.getOrDefault("ROLLCALL_DATA", "");
    try {
      return !given.isEmpty() ? Path.of(given) : loopback ? Path.of(DEFAULT_DATA) : null;
    } catch (InvalidPathException e) {
      throw Wrong.usage("--data is \"" + Printable.text(given) + "\"; a path is needed");
    }
  }
}
