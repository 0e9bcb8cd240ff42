// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/** Sends the log of this process to one stream, a line for each event, times in UTC. */
public final class LogLines {
  /**
   * Keeps writing while the JVM shuts down: the usual manager closes its handlers in a shutdown
   * hook of its own, beside the one in which the poller stops.
   */
  public static final class Manager extends LogManager {
    private static volatile boolean keep;

    @Override
    public void reset() {
      if (!keep) {
        super.reset();
      }
    }
  }

  private LogLines() {}

  /** Must be called before anything is logged. */
  public static void prepare() {
    System.setProperty("java.util.logging.manager", Manager.class.getName());
  }

  /** Replaces whatever logging the JVM was started with. */
  public static void to(OutputStream out, Level level) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.addHandler(handler(out, level));
    root.setLevel(Level.INFO);
    Logger.getLogger("rollcall").setLevel(level);
    Manager.keep = true;
  }

  private static Handler handler(OutputStream out, Level level) {
    var handler =
        new StreamHandler(out, new OneLine()) {
          @Override
          public synchronized void publish(LogRecord record) {
            super.publish(record);
            flush();
          }
        };
    handler.setLevel(level);
    try {
      handler.setEncoding(UTF_8.name());
    } catch (java.io.UnsupportedEncodingException e) {
      throw new IllegalStateException(e);
    }
    return handler;
  }

  /** Only an unexpected failure has more than one line: its stack trace, indented. */
  static final class OneLine extends Formatter {
    @Override
    public String format(LogRecord record) {
      Instant at = record.getInstant().truncatedTo(ChronoUnit.MILLIS);
      String area = record.getLoggerName().replaceFirst("^rollcall\\.", "");
      String line = at + " " + word(record.getLevel()) + " " + area + ": " + record.getMessage();
      return line + "\n" + trace(record);
    }

    private static String word(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return "WARN ";
      }
      return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }

    private static String trace(LogRecord record) {
      if (record.getThrown() == null) {
        return "";
      }
      // A Throwable gives its trace only by printing it; this prints into the log's own entry.
      var out = new StringWriter();
      record.getThrown().printStackTrace(new PrintWriter(out, true));
      return out.toString().indent(4);
    }
  }
}
