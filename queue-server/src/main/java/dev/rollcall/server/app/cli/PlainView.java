// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.PrintStream;
import java.time.Duration;

/** One line for each change; for files and pipes. */
public final class PlainView implements WatchView {
  private final PrintStream out;
  private final PrintStream err;
  private String last = "";

  public PlainView(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public void changed(CommandStatus status) {
    var line = new StringBuilder(status.state());
    line.append(' ').append(counts(status.totals()));
    for (CommandStatus.Part part : status.participants()) {
      line.append("  ").append(part.participant()).append(' ').append(counts(part.totals()));
      if (part.totals().bad() > 0) {
        line.append(" (").append(part.totals().details()).append(')');
      }
    }
    if (!line.toString().equals(last)) {
      last = line.toString();
      out.println(CommandStatus.seconds(status.age()) + "  " + last);
      out.flush();
    }
  }

  private static String counts(Totals totals) {
    return totals.ended() + "/" + totals.targeted();
  }

  @Override
  public void tick(Duration since) {}

  @Override
  public void trouble(String reason) {
    err.println(reason);
  }

  @Override
  public void recovered() {
    err.println("the server answers again");
  }

  @Override
  public void close() {}
}
