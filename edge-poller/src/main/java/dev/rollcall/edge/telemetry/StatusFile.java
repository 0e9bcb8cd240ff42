// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** The report in the state directory: replaced whole, so that a reader never sees half of it. */
public final class StatusFile {
  private static final String NAME = "status.json";

  private StatusFile() {}

  public static void write(Path directory, StatusReport report) throws IOException {
    Path fresh = directory.resolve(NAME + ".new");
    Files.write(fresh, Json.MAPPER.writeValueAsBytes(report));
    Files.move(fresh, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Empty when none was written yet. */
  public static Optional<StatusReport> read(Path directory) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(directory.resolve(NAME));
      return Optional.of(Json.MAPPER.readValue(bytes, StatusReport.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      throw new IOException(directory.resolve(NAME) + " cannot be read", e);
    }
  }
}
