// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.process;

import dev.rollcall.load.database.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a queue server is started.
 *
 * @param jar the product's jar
 * @param data its data directory, made if it is not there; the log is written beside it
 * @param external null: it starts its own PostgreSQL
 * @param javaOptions for its JVM
 * @param adminToken an operator's token that it accepts
 */
public record ServerOptions(
    Path jar, Path data, @Nullable Database external, List<String> javaOptions, String adminToken) {
  public ServerOptions {
    javaOptions = List.copyOf(javaOptions);
    if (!Files.isRegularFile(jar)) {
      throw new IllegalArgumentException(
          jar + " is not there; mvn -DskipTests package makes it, --jar names another one");
    }
  }

  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("ROLLCALL_LISTEN", "127.0.0.1:0");
    environment.put("ROLLCALL_DATA", data.toString());
    environment.put("ROLLCALL_ADMIN_TOKEN", adminToken);
    if (external != null) {
      environment.put("ROLLCALL_DATABASE_URL", external.url());
      environment.put("ROLLCALL_MIGRATE_ON_START", "true");
      if (external.password() != null) {
        environment.put("ROLLCALL_DATABASE_PASSWORD", external.password());
      }
    }
    return environment;
  }
}
