// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.protocol.edge.EdgeLimits;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads all settings of a poller at once. */
public final class ConfigReader {
  private static final long MOST_BYTES = 1 << 20;
  private static final int LONGEST_TEXT = 4_096;

  private static final YAMLMapper YAML =
      YAMLMapper.builder(
              new PlainYaml(
                  YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final ConfigSources sources;
  private final Problems problems = new Problems();

  private ConfigReader(ConfigSources sources) {
    this.sources = sources;
  }

  /**
   * @throws ConfigException with every problem that was found
   */
  public static PollerConfig read(ConfigSources sources) throws ConfigException {
    return new ConfigReader(sources).read();
  }

  /**
   * The state directory alone, whatever the other settings are: who looks after a poller need not
   * be able to run it.
   *
   * @throws ConfigException when there is none
   */
  public static Path state(ConfigSources sources) throws ConfigException {
    return new ConfigReader(sources).state();
  }

  private Path state() throws ConfigException {
    Overlay overlay = overlay();
    Path state = state(Fields.of(overlay.document(), "", problems));
    if (state == null) {
      throw found(overlay);
    }
    return state;
  }

  private static @Nullable Path state(Fields fields) {
    missing(fields, "state", "a directory such as /var/lib/rollcall");
    return path(fields, "state");
  }

  /**
   * What is needed to enrol, whatever the other settings are.
   *
   * @throws ConfigException with every problem that was found
   */
  public static EnrolmentConfig enrolment(ConfigSources sources) throws ConfigException {
    return new ConfigReader(sources).enrolment();
  }

  private EnrolmentConfig enrolment() throws ConfigException {
    Overlay overlay = overlay();
    Fields fields = Fields.of(overlay.document(), "", problems);
    URI server = server(fields, Boolean.TRUE.equals(fields.bool("insecureServer")));
    TlsFiles tls = TlsFiles.read(fields);
    boolean named = fields.has("tokenFile");
    if (!named && sources.file() == null) {
      missing(fields, "tokenFile", "where the token is to be put");
    }
    Path token =
        named || sources.file() == null
            ? path(fields, "tokenFile")
            : sources.file().toAbsolutePath().resolveSibling("token");
    if (server == null || token == null || !problems.isEmpty()) {
      throw found(overlay);
    }
    return new EnrolmentConfig(server, tls, token, named);
  }

  private ConfigException found(Overlay overlay) {
    return new ConfigException(problems.list().stream().map(p -> shown(p, overlay)).toList());
  }

  private PollerConfig read() throws ConfigException {
    Overlay overlay = overlay();
    PollerConfig config = poller(Fields.of(overlay.document(), "", problems));
    if (config == null || !problems.isEmpty()) {
      throw found(overlay);
    }
    return config;
  }

  private Overlay overlay() throws ConfigException {
    var overlay = new Overlay(document());
    for (Setting setting : Setting.values()) {
      String variable = sources.environment().get(setting.variable());
      String flag = sources.flags().get(setting);
      if (flag != null) {
        overlay.set(setting, flag, setting.flag());
      } else if (variable != null && !variable.isEmpty()) {
        overlay.set(setting, variable, setting.variable());
      }
    }
    return overlay;
  }

  private static String shown(Problem problem, Overlay overlay) {
    return overlay.name(problem.pointer()) + ": " + problem.message();
  }

  private ObjectNode document() throws ConfigException {
    Path file = sources.file();
    if (file == null) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      if (Files.isDirectory(file)) {
        throw unusable(file, "is a directory; a file is needed");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw unusable(file, "has more than " + MOST_BYTES + " bytes");
      }
      return settings(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw unusable(file, IoReason.ofFile(e));
    }
  }

  private static ObjectNode settings(Path file, byte[] bytes) throws ConfigException {
    try {
      JsonNode node = YAML.readTree(new ByteArrayInputStream(bytes)); // PlainYaml sees streams only
      if (node == null || node.isMissingNode() || node.isNull()) {
        return JsonNodeFactory.instance.objectNode();
      }
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw unusable(file, "holds no settings; lines such as \"server: https://…\" are needed");
    } catch (JacksonException e) {
      throw unusable(file, YamlWords.of(e, new String(bytes, UTF_8)));
    }
  }

  private static ConfigException unusable(Path file, String why) {
    return new ConfigException(List.of(file + ": " + why));
  }

  private @Nullable PollerConfig poller(Fields fields) {
    boolean insecure = Boolean.TRUE.equals(fields.bool("insecureServer"));
    URI server = server(fields, insecure);
    TlsFiles tls = TlsFiles.read(fields);
    TokenSource token = token(fields, tls);
    Path state = state(fields);
    Integer capacity = fields.integer("capacity", 1, EdgeLimits.MAX_CAPACITY);
    Integer wait = fields.integer("waitSeconds", 0, EdgeLimits.MAX_WAIT_SECONDS);
    Integer limit = fields.integer("executionSeconds", 1, 86_400);
    missing(fields, "cache", "its driver and what that needs");
    Fields cacheFields = fields.object("cache");
    CacheConfig cache =
        cacheFields == null ? null : new CacheConfigReader(cacheFields, sources.zone()).read();
    fields.done();
    if (server == null || token == null || state == null || cache == null) {
      return null;
    }
    return new PollerConfig(
        server,
        token,
        tls,
        state,
        capacity == null ? PollerConfig.DEFAULT_CAPACITY : capacity,
        wait == null ? PollerConfig.DEFAULT_WAIT : Duration.ofSeconds(wait),
        limit == null ? PollerConfig.DEFAULT_EXECUTION_LIMIT : Duration.ofSeconds(limit),
        cache);
  }

  /** Notes a problem that says what is needed. */
  static void missing(Fields fields, String name, String needed) {
    if (!fields.has(name)) {
      fields.problem(name, "is missing; " + needed + " is needed");
    }
  }

  private static @Nullable URI server(Fields fields, boolean insecure) {
    missing(fields, "server", "the queue server's URL");
    String text = fields.text("server", LONGEST_TEXT);
    URI server = text == null ? null : HttpAddress.read(fields, "server", text, true);
    if (server == null || insecure || server.getScheme().equals("https")) {
      return server;
    }
    if (!HttpAddress.isLoopback(server)) {
      fields.problem(
          "server",
          "is "
              + Problems.shown(server.toString())
              + "; https is needed, because the token would travel in the clear (http is for"
              + " loopback; insecureServer: true allows it elsewhere)");
      return null;
    }
    return server;
  }

  /** The environment outweighs the file, and a token given there is never looked for elsewhere. */
  private @Nullable TokenSource token(Fields fields, TlsFiles tls) {
    Path file = path(fields, "tokenFile");
    String given = sources.environment().get("ROLLCALL_TOKEN");
    TokenSource source =
        given != null
            ? new TokenSource.Given(given.strip(), "ROLLCALL_TOKEN")
            : file != null
                ? new TokenSource.InFile(file)
                : tls.certificate() != null ? new TokenSource.ByCertificate() : null;
    if (source == null) {
      if (!fields.has("tokenFile")) {
        fields.problem(
            "tokenFile",
            "is missing; a file, or ROLLCALL_TOKEN in the environment, or certificateFile is"
                + " needed");
      }
      return null;
    }
    try {
      source.read();
      return source;
    } catch (TokenSource.TokenException e) {
      fields.problem("tokenFile", String.valueOf(e.getMessage()));
      return null;
    }
  }

  static @Nullable Path path(Fields fields, String name) {
    String text = fields.text(name, LONGEST_TEXT);
    if (text == null) {
      return null;
    }
    if (text.isBlank() || text.indexOf('\0') >= 0) {
      fields.problem(name, "is " + Problems.shown(text) + "; a path is needed");
      return null;
    }
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      fields.problem(
          name,
          "is "
              + Problems.shown(text)
              + ", which is no path in this locale; LC_ALL=C.UTF-8 allows any name");
      return null;
    }
  }
}
