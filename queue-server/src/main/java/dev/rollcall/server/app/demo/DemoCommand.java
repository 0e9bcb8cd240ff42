// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.Surroundings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}. */
@Command(
    name = "demo",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Runs a federation of two operators on this machine, loads content into all their caches,"
          + " purges it, and shows how long each took.",
      "Starts a queue server with an embedded PostgreSQL, an origin, and an edge poller for each"
          + " edge server. Then it stays up for commands of your own, until Ctrl-C."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:with --exit: everything was loaded and purged",
      "1:something is missing or went wrong",
      "2:called wrongly"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int MOST_EDGES = 50;

  private final Surroundings surroundings;
  private final ServerStarter starter;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  @Option(names = "--exit", description = "End when everything was shown.")
  private boolean exit;

  @Option(
      names = "--edges",
      paramLabel = "N",
      defaultValue = "3",
      description = "Edge servers with a directory cache, for each participant. Default: 3.")
  private int edges;

  @Option(names = "--no-varnish", description = "Use no Varnish even if it is installed.")
  private boolean noVarnish;

  @Option(
      names = "--edge-poller",
      paramLabel = "FILE",
      description = "edge-poller.jar, if it is not beside this program or in the build tree.")
  private @Nullable Path edgePoller;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "rollcall-data/demo",
      description = "Where the demo keeps everything. Default: rollcall-data/demo.")
  private Path data = Path.of("rollcall-data/demo");

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Default: 127.0.0.1:8080, or another port if that is taken.")
  private @Nullable String listen;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this and exit.")
  boolean helpWanted;

  public DemoCommand(Surroundings surroundings, ServerStarter starter) {
    this.surroundings = surroundings;
    this.starter = starter;
  }

  @Override
  public Integer call() {
    if (edges < 1 || edges > MOST_EDGES) {
      throw new ParameterException(
          spec.commandLine(), "--edges is " + edges + "; allowed: 1 to " + MOST_EDGES);
    }
    var options = new DemoOptions(data, listen, edges, !noVarnish, edgePoller, exit);
    return new DemoRun(surroundings, starter, options).run();
  }
}
