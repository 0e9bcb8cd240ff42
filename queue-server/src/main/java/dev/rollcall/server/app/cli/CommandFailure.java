// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.List;

/** Why a command ends without having done what it was asked; each line is for the operator. */
public abstract sealed class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> lines;

  private CommandFailure(List<String> lines) {
    super(String.join("; ", lines));
    this.lines = List.copyOf(lines);
  }

  public List<String> lines() {
    return lines;
  }

  /** What the process ends with. */
  abstract int exitCode();

  /** The server refused, could not be reached or answered with what cannot be used. */
  public static final class Failed extends CommandFailure {
    private static final long serialVersionUID = 1L;

    public Failed(List<String> lines) {
      super(lines);
    }

    @Override
    int exitCode() {
      return 1;
    }
  }

  /** The command was called wrongly: an option, a file or a setting. */
  public static final class Wrong extends CommandFailure {
    private static final long serialVersionUID = 1L;

    private Wrong(String line) {
      super(List.of(line));
    }

    static Wrong usage(String line) {
      return new Wrong(line);
    }

    @Override
    int exitCode() {
      return 2;
    }
  }
}
