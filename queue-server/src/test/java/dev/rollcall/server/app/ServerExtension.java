// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.awaitility.Awaitility.await;

import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.testkit.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A queue server in this JVM, on a database of its own, for all tests of a class.
 *
 * <pre>{@code @RegisterExtension static final ServerExtension server = new ServerExtension();}
 * </pre>
 */
public final class ServerExtension implements BeforeAllCallback, AfterAllCallback {
  /** The operator's token of every test server. */
  public static final String OPERATOR = "test-operator-0123456789-0123456789";

  private final @Nullable ServerExtension neighbour;
  private @Nullable TestDatabase database;
  private @Nullable Server server;

  private final Map<String, String> flags;

  public ServerExtension() {
    this(null, Map.of());
  }

  /** With settings beside the usual ones, by their flag without dashes. */
  ServerExtension(Map<String, String> flags) {
    this(null, flags);
  }

  /** A second server on the database of one that is declared before it. */
  ServerExtension(ServerExtension neighbour) {
    this(neighbour, Map.of());
  }

  private ServerExtension(@Nullable ServerExtension neighbour, Map<String, String> flags) {
    this.neighbour = neighbour;
    this.flags = flags;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    database = neighbour == null ? TestDatabase.migrated() : neighbour.database();
    server = another();
  }

  /** One more server on the same database; whoever asks for it closes it. */
  Server another() {
    try {
      Path data = java.nio.file.Files.createTempDirectory("rollcall-test");
      Map<String, String> all = new HashMap<>(flags);
      all.put("listen", "127.0.0.1:0");
      all.put("data", data.toString());
      return Server.start(
          ServerConfig.read(
              all,
              Map.of(
                  "ROLLCALL_DATABASE_URL",
                  database().jdbcUrl(),
                  "ROLLCALL_ADMIN_TOKEN",
                  OPERATOR)));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (server != null) {
      server.close();
    }
    if (database != null && neighbour == null) {
      database.close();
    }
  }

  /** The table of routes. */
  java.util.List<dev.rollcall.server.web.Route> routes() {
    return java.util.Objects.requireNonNull(server).routes();
  }

  /** Waits until so many polls wait for work. */
  void awaitParked(int polls) {
    await("polls parked: " + polls)
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> metric("rollcall_polls_parked"), value -> value == polls);
  }

  /** The value of a metric, with its tags as they stand at {@code /metrics}; 0 if it is absent. */
  double metric(String nameAndTags) {
    return operator()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(nameAndTags + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** The database under the server. */
  public TestDatabase database() {
    return java.util.Objects.requireNonNull(database);
  }

  /** Requests as the operator. */
  public Api operator() {
    return as(OPERATOR);
  }

  /** Requests with a token; the empty one sends none. */
  public Api as(String token) {
    return new Api(java.util.Objects.requireNonNull(server).baseUri(), token);
  }
}
