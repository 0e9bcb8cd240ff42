// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A subcommand that talks to a queue server. Confined to one thread. */
@Command(
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:refused by the server, failed, or the server cannot be reached",
      "2:called wrongly"
    })
abstract class ClientCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = 99,
      description = "Show this and exit.")
  boolean helpWanted;

  @Mixin private final ServerOptions server = new ServerOptions();

  ClientCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** Answers the exit status. */
  abstract int run(RestClient client) throws InterruptedException;

  @Override
  public final Integer call() {
    try (RestClient client = server.connect(surroundings.environment())) {
      return run(client);
    } catch (CommandFailure.Wrong e) {
      throw usage(String.join("; ", e.lines()));
    } catch (CommandFailure.Failed e) {
      e.lines().forEach(err()::println);
      return e.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      out().flush();
    }
  }

  /** An error in how the command was called. */
  final ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  final Surroundings surroundings() {
    return surroundings;
  }

  final PrintStream out() {
    return surroundings.streams().out();
  }

  final PrintStream err() {
    return surroundings.streams().err();
  }
}
