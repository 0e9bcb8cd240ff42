// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import dev.rollcall.edge.telemetry.IoReason;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import org.jspecify.annotations.Nullable;

/**
 * Where the server token is found. A file is read anew for each use that follows a refusal, so that
 * a token can be replaced without a restart.
 */
public sealed interface TokenSource {
  /** Why there is no token that can be sent; the message never holds any of it. */
  final class TokenException extends Exception {
    private static final long serialVersionUID = 1L;

    TokenException(String message) {
      super(message);
    }
  }

  /** Empty when none is to be sent. */
  String read() throws TokenException;

  /** For people: where, never what. */
  String where();

  /** What lets others of this machine read it, and how to mend that; null: nothing does. */
  default @Nullable String exposure() {
    return null;
  }

  /**
   * From the environment.
   *
   * @param variable its name
   */
  record Given(String token, String variable) implements TokenSource {
    @Override
    public String read() throws TokenException {
      return checked(token, where());
    }

    @Override
    public String where() {
      return variable;
    }

    @Override
    public String toString() {
      return where();
    }
  }

  /** None is sent: a client certificate says who this is. */
  record ByCertificate() implements TokenSource {
    @Override
    public String read() {
      return "";
    }

    @Override
    public String where() {
      return "none, the client certificate is shown instead";
    }
  }

  /** From a file that holds nothing else. */
  record InFile(Path file) implements TokenSource {
    private static final long MOST_BYTES = 4_096;

    @Override
    public String read() throws TokenException {
      try {
        if (Files.size(file) > MOST_BYTES) {
          throw new TokenException(file + " has more than " + MOST_BYTES + " bytes");
        }
        return checked(Files.readString(file).strip(), where());
      } catch (MalformedInputException e) {
        throw new TokenException(file + " holds bytes that are not UTF-8");
      } catch (IOException e) {
        throw new TokenException(file + " " + IoReason.ofFile(e));
      }
    }

    @Override
    public String where() {
      return file.toString();
    }

    @Override
    public @Nullable String exposure() {
      try {
        return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
            ? file + " can be read by every user: chmod 600 it"
            : null;
      } catch (IOException e) {
        return file + " " + IoReason.ofFile(e);
      } catch (UnsupportedOperationException e) {
        return null; // a file system without such rights
      }
    }
  }

  private static String checked(String token, String where) throws TokenException {
    if (token.isEmpty()) {
      throw new TokenException(where + " is empty");
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new TokenException(where + " holds characters that no token has");
    }
    return token;
  }
}
