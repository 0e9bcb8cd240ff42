// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code apply FILE}. */
@Command(
    name = "apply",
    description = {
      "Makes the registry match a manifest and says what that changed.",
      "What the manifest names it replaces whole; what it does not name stays, unless --prune."
    })
final class ApplyCommand extends ClientCommand {
  /** A manifest of 256 MiB takes its time. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private static final List<String> CHANGES = List.of("created", "changed", "removed");

  @Parameters(
      paramLabel = "FILE",
      description =
          "The manifest: JSON if its name ends in .json, else YAML; - is YAML from standard input.")
  private String file = "";

  @Option(names = "--dry-run", description = "Check it and say what would change; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--prune",
      description =
          "Remove participants, servers, customers and configurations that it does not name.")
  private boolean prune;

  @Option(names = "--json", description = "Print the server's answer as JSON.")
  private boolean json;

  ApplyCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  int run(RestClient client) throws InterruptedException {
    String type =
        file.toLowerCase(Locale.ROOT).endsWith(".json") ? "application/json" : "application/yaml";
    Call call = Call.put(type, manifest(), "v1", "registry").limit(LIMIT);
    call = dryRun ? call.query("dryRun", true) : call;
    call = prune ? call.query("prune", true) : call;
    JsonNode diff = client.sendOrFail(call).body();
    if (json) {
      out().println(JsonText.of(diff));
    } else {
      print(diff);
    }
    return 0;
  }

  private BodyPublisher manifest() {
    if (file.equals("-")) {
      return Call.stream(surroundings().streams().in());
    }
    try {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
        throw usage(Printable.text(file) + " is no file that can be read");
      }
      return Call.file(path);
    } catch (InvalidPathException | FileNotFoundException e) {
      throw usage(Printable.text(file) + " is no file that can be read");
    }
  }

  private void print(JsonNode diff) {
    for (String change : CHANGES) {
      for (JsonNode item : diff.path(change)) {
        out().println(change + " " + thing(item));
      }
    }
    String counts =
        String.join(
            ", ", CHANGES.stream().map(change -> diff.path(change).size() + " " + change).toList());
    out().println(counts + (dryRun ? " (dry run: nothing was changed)" : ""));
  }

  /** "server alpha/lax-01 (region, labels)". */
  private static String thing(JsonNode item) {
    String fields =
        String.join(
            ", ",
            StreamSupport.stream(item.path("fields").spliterator(), false)
                .map(field -> field.asString(""))
                .toList());
    String kind = item.path("kind").asString("");
    String name = item.path("name").asString(item.asString(""));
    return Printable.text(
        (kind.isEmpty() ? "" : kind + " ") + name + (fields.isEmpty() ? "" : " (" + fields + ")"));
  }
}
