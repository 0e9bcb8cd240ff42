// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.config.ConfigException;
import dev.rollcall.edge.config.ConfigReader;
import dev.rollcall.edge.config.ConfigSources;
import dev.rollcall.edge.config.EnrolmentConfig;
import dev.rollcall.edge.config.PollerConfig;
import dev.rollcall.edge.config.Setting;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which every subcommand finds its settings. */
final class ConfigOptions {
  private static final Path USUAL = Path.of("/etc/rollcall/poller.yaml");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The settings, as YAML (default: $ROLLCALL_CONFIG,",
        "else /etc/rollcall/poller.yaml if it is there)."
      })
  private @Nullable Path file;

  @Option(names = "--server", paramLabel = "URL", description = "Base URL of the queue server.")
  private @Nullable String server;

  @Option(
      names = "--insecure-server",
      description = "Allow http to a server that is not on loopback.")
  private boolean insecureServer;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Holds the server token ($ROLLCALL_TOKEN outweighs it).")
  private @Nullable String tokenFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "PEM: who vouches for the queue server.")
  private @Nullable String caFile;

  @Option(
      names = "--certificate-file",
      paramLabel = "FILE",
      description = "PEM: this server's client certificate.")
  private @Nullable String certificateFile;

  @Option(names = "--key-file", paramLabel = "FILE", description = "PEM: the certificate's key.")
  private @Nullable String keyFile;

  @Option(names = "--state", paramLabel = "DIR", description = "Directory of journal and status.")
  private @Nullable String state;

  @Option(
      names = "--capacity",
      paramLabel = "N",
      description = "Executions at work at once, 1 to 1000 (default 16).")
  private @Nullable String capacity;

  @Option(
      names = "--wait-seconds",
      paramLabel = "N",
      description = "How long the server may hold a poll, 0 to 60 (default 30).")
  private @Nullable String waitSeconds;

  @Option(
      names = "--execution-seconds",
      paramLabel = "N",
      description = "The most one execution may take (default 300).")
  private @Nullable String executionSeconds;

  /** What is read of the settings. */
  @FunctionalInterface
  private interface Reading<T> {
    T of(ConfigSources sources) throws ConfigException;
  }

  /** Empty after every problem was written to {@code err}. */
  Optional<PollerConfig> read(PrintWriter err) {
    return read(err, ConfigReader::read);
  }

  /** The state directory alone; empty after it was said what is wrong. */
  Optional<Path> state(PrintWriter err) {
    return read(err, ConfigReader::state);
  }

  /** What enrolling needs; empty after it was said what is wrong. */
  Optional<EnrolmentConfig> enrolment(PrintWriter err) {
    return read(err, ConfigReader::enrolment);
  }

  private <T> Optional<T> read(PrintWriter err, Reading<T> reading) {
    Path named = named();
    try {
      return Optional.of(
          reading.of(new ConfigSources(named, System.getenv(), flags(), ZoneId.systemDefault())));
    } catch (ConfigException e) {
      err.println("The settings cannot be used:");
      e.problems().forEach(problem -> err.println("  " + problem));
      if (named == null) {
        err.println("No file of settings was named with --config, and there is no " + USUAL + ".");
      }
      err.flush();
      return Optional.empty();
    }
  }

  private Map<Setting, String> flags() {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    put(flags, Setting.SERVER, server);
    put(flags, Setting.INSECURE_SERVER, insecureServer ? "true" : null);
    put(flags, Setting.TOKEN_FILE, tokenFile);
    put(flags, Setting.CA_FILE, caFile);
    put(flags, Setting.CERTIFICATE_FILE, certificateFile);
    put(flags, Setting.KEY_FILE, keyFile);
    put(flags, Setting.STATE, state);
    put(flags, Setting.CAPACITY, capacity);
    put(flags, Setting.WAIT_SECONDS, waitSeconds);
    put(flags, Setting.EXECUTION_SECONDS, executionSeconds);
    return flags;
  }

  private static void put(Map<Setting, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting, value);
    }
  }

  private @Nullable Path named() {
    if (file != null) {
      return file;
    }
    String variable = System.getenv("ROLLCALL_CONFIG");
    if (variable != null && !variable.isEmpty()) {
      return Path.of(variable);
    }
    return Files.exists(USUAL) ? USUAL : null;
  }

  /** Where the settings come from, for people. */
  String where() {
    Path named = named();
    return named == null ? "environment and flags" : named.toString();
  }
}
