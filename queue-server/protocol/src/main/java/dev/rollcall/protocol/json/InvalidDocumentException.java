// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.json;

import java.util.List;
import java.util.stream.Collectors;

/** A document that cannot be accepted; holds every problem found, never just the first. */
public final class InvalidDocumentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public InvalidDocumentException(List<Problem> problems) {
    super(
        problems.stream()
            .map(p -> (p.pointer().isEmpty() ? "document" : p.pointer()) + ": " + p.message())
            .collect(Collectors.joining("; ")));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
