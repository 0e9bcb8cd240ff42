// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.server.app.cli.CommandFailure.Wrong;
import dev.rollcall.server.config.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The token that a command shows to the server.
 *
 * @param where for people: where it was found
 */
public record Credential(String token, String where) {
  private static final String VARIABLE = "ROLLCALL_TOKEN";
  private static final String FILE_VARIABLE = "ROLLCALL_TOKEN_FILE";
  private static final String ADMIN_TOKEN = "admin-token";
  private static final long MOST_BYTES = 4_096;

  /**
   * Looks in the environment, then in a data directory.
   *
   * @param data null: none that may be looked into
   * @throws CommandFailure when there is none, or none that can be used
   */
  static Credential find(Map<String, String> environment, @Nullable Path data) {
    String given = environment.getOrDefault(VARIABLE, "");
    String file = environment.getOrDefault(FILE_VARIABLE, "");
    if (!given.isEmpty() && !file.isEmpty()) {
      throw Wrong.usage(VARIABLE + " and " + FILE_VARIABLE + " are both set; one is allowed");
    }
    if (!given.isEmpty()) {
      return checked(given.strip(), VARIABLE);
    }
    if (!file.isEmpty()) {
      return inFile(file, FILE_VARIABLE + "=" + file);
    }
    if (data != null && Files.exists(data.resolve(ADMIN_TOKEN))) {
      Path admin = data.resolve(ADMIN_TOKEN);
      return inFile(admin.toString(), admin.toString());
    }
    throw Wrong.usage(
        "no token: set "
            + VARIABLE
            + " or "
            + FILE_VARIABLE
            + ", or name with --data the data directory of a server on this machine"
            + (data == null ? "" : " (" + data.resolve(ADMIN_TOKEN) + " does not exist)"));
  }

  private static Credential inFile(String file, String where) {
    try {
      Path path = Path.of(file);
      if (Files.size(path) > MOST_BYTES) {
        throw Wrong.usage(where + ": has more than " + MOST_BYTES + " bytes; that is no token");
      }
      return checked(Files.readString(path).strip(), where);
    } catch (IOException | InvalidPathException e) {
      throw Wrong.usage(where + ": cannot be read (" + FileReason.of(e) + ")");
    }
  }

  /** What is no token must not get as far as a header: the message of that error would hold it. */
  private static Credential checked(String token, String where) {
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Wrong.usage(
          where + (token.isEmpty() ? " is empty" : " holds characters that no token has"));
    }
    return new Credential(token, where);
  }

  @Override
  public String toString() {
    return where;
  }
}
