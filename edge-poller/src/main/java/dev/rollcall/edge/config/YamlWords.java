// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import dev.rollcall.protocol.json.Problems;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.exc.MismatchedInputException;

/** What is wrong with a file that is no YAML, and where, in words for whoever wrote it. */
final class YamlWords {
  private static final Pattern BEGIN = Pattern.compile("found character '(.)' that cannot start.*");
  private static final Pattern ESCAPE = Pattern.compile("found unknown escape character (.).*");
  private static final Pattern TWICE = Pattern.compile("Duplicate Object property \"(.*)\"");

  private YamlWords() {}

  /** Such as {@code line 4, column 1: a tab …}. */
  static String of(JacksonException e, String text) {
    return switch (e.getCause()) {
      case MarkedYamlEngineException marked -> ofMarked(marked);
      case ReaderException reader -> ofCharacter(reader, text);
      case null, default -> ofJackson(e);
    };
  }

  /**
   * What was found, and for what was opened or left open before it, where that began: the scanner
   * notices it only at the end of the file, or in the line below.
   */
  private static String ofMarked(MarkedYamlEngineException e) {
    String problem = e.getProblem();
    String context = String.valueOf(e.getContext());
    Matcher begin = BEGIN.matcher(problem);
    Matcher escape = ESCAPE.matcher(problem);
    if (problem.contains("(TAB)")) {
      return at(e.getProblemMark())
          + "a tab stands where only spaces may; YAML is indented with spaces";
    } else if (begin.matches()) {
      return at(e.getProblemMark())
          + ("a value cannot begin with " + begin.group(1) + "; put it into quotes");
    } else if (problem.startsWith("mapping values are not allowed")) {
      return at(e.getProblemMark())
          + "no \":\" is expected here; put a value that holds \": \" into quotes, and see whether"
          + " the line is indented like its neighbours and the one above has its own \":\"";
    } else if (problem.startsWith("could not find expected ':'")) {
      return at(e.getContextMark()) + "a name without \":\" behind it";
    } else if (escape.matches()) {
      return at(e.getProblemMark())
          + ("\\" + escape.group(1) + " means nothing in double quotes; use single quotes");
    } else if (context.contains("quoted scalar")) {
      return at(e.getContextMark()) + "a quote is opened and not closed";
    } else if (context.contains("flow")) {
      return at(e.getContextMark()) + "a bracket is opened and not closed, or lacks a comma";
    } else if (problem.startsWith("expected <block end>")) {
      return at(e.getProblemMark())
          + "this does not belong here; see whether the line is indented like its neighbours";
    }
    return at(e.getProblemMark()) + "this cannot be read";
  }

  private static String ofCharacter(ReaderException e, String text) {
    int line = 1;
    int column = 1;
    int[] points = text.codePoints().limit(e.getPosition()).toArray();
    for (int point : points) {
      column = point == '\n' ? 1 : column + 1;
      line += point == '\n' ? 1 : 0;
    }
    return at(line, column)
        + String.format(java.util.Locale.ROOT, "the character U+%04X is no text", e.getCodePoint());
  }

  private static String ofJackson(JacksonException e) {
    if (e instanceof PlainYaml.NotPlainException notPlain) {
      return at(Optional.ofNullable(notPlain.mark())) + notPlain.getOriginalMessage();
    }
    @Nullable TokenStreamLocation location = e.getLocation();
    String where = location == null ? "" : "line " + location.getLineNr() + ": ";
    Matcher twice = TWICE.matcher(String.valueOf(e.getOriginalMessage()));
    if (twice.matches()) {
      return where + Problems.shown(twice.group(1)) + " is set twice";
    }
    return where
        + (e instanceof MismatchedInputException
            ? "a second document begins; only one is allowed"
            : "this cannot be read");
  }

  private static String at(Optional<Mark> mark) {
    return mark.map(m -> at(m.getLine() + 1, m.getColumn() + 1)).orElse("");
  }

  private static String at(int line, int column) {
    return "line " + line + ", column " + column + ": ";
  }
}
