// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Draws on a terminal, each time over what it drew before. Confined to one thread. */
public final class LiveView implements WatchView {
  private final PrintStream out;
  private final Screen screen;
  private final ProgressView view;
  private @Nullable CommandStatus status;
  private @Nullable String trouble;
  private int drawn;

  public LiveView(PrintStream out, Screen screen) {
    this.out = out;
    this.screen = screen;
    this.view = new ProgressView(screen);
  }

  /** What fits the screen: this, or plain lines. */
  public static WatchView on(Surroundings surroundings) {
    Streams streams = surroundings.streams();
    return surroundings.screen().live()
        ? new LiveView(streams.out(), surroundings.screen())
        : new PlainView(streams.out(), streams.err());
  }

  @Override
  public void changed(CommandStatus changed) {
    status = changed;
    draw(Duration.ZERO);
  }

  @Override
  public void tick(Duration since) {
    draw(since);
  }

  @Override
  public void trouble(String reason) {
    trouble = reason;
    draw(Duration.ZERO);
  }

  @Override
  public void recovered() {
    trouble = null;
  }

  private void draw(Duration since) {
    TerminalSize size = screen.size().get();
    List<String> lines = new ArrayList<>();
    if (status != null) {
      lines.addAll(view.draw(status, since, size));
    }
    if (trouble != null) {
      String clipped = Printable.clip(trouble, size.columns() - 1, screen.glyphs().ellipsis());
      lines.add(screen.paint(Screen.Colour.BAD, clipped));
    }
    var frame = new StringBuilder();
    if (drawn > 0) {
      frame.append("\033[").append(drawn).append('A');
    }
    lines.forEach(line -> frame.append('\r').append(line).append("\033[K\n"));
    frame.append("\033[J");
    out.print(frame);
    out.flush();
    drawn = lines.size();
  }

  @Override
  public void close() {
    drawn = 0;
  }
}
