// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.server.config.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code submit}. */
@Command(
    name = "submit",
    description = {
      "Submits a command and prints its id.",
      "queue-server submit --operation purge --configuration alpha/acme-www"
          + " --url https://www.acme.example/a.js --watch"
    })
final class SubmitCommand extends ClientCommand {
  private static final int ATTEMPTS = 4;

  @Mixin private final CommandDraft draft = new CommandDraft();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      order = 5,
      description = "The whole command as JSON, instead of the options; - is standard input.")
  private @Nullable String file;

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      order = 6,
      description =
          "Submitting again with the same key submits nothing new. Default: a random one.")
  private @Nullable String idempotencyKey;

  @Option(
      names = "--dry-run",
      order = 7,
      description = "Say which servers it would go to and what would be rejected; submit nothing.")
  private boolean dryRun;

  @Option(
      names = "--watch",
      order = 8,
      description = "Then do as watch does, with its exit status.")
  private boolean watch;

  @Option(names = "--json", order = 9, description = "Print the command as JSON instead of its id.")
  private boolean json;

  SubmitCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  int run(RestClient client) throws InterruptedException {
    ObjectNode body = body();
    if (dryRun) {
      return dryRun(client, body);
    }
    // A key even where none was asked for: it makes it safe to send again what may have arrived.
    String key = idempotencyKey != null ? idempotencyKey : UUID.randomUUID().toString();
    Answer.Ok answer =
        submit(client, Call.post(body, "v1", "commands").header("Idempotency-Key", key));
    CommandStatus status = CommandStatus.read(answer.body());
    if (answer.headers().firstValue("Idempotent-Replayed").filter("true"::equals).isPresent()) {
      err().println("submitted before with this key; this is that command");
    }
    if (!json) {
      out().println(status.id());
    } else if (!watch) {
      out().println(JsonText.of(answer.body()));
    }
    out().flush();
    return watch ? Watching.follow(client, status.id(), surroundings(), json) : 0;
  }

  private ObjectNode body() {
    if (idempotencyKey != null && !idempotencyKey.matches("[!-~]{1,255}")) {
      throw usage("--idempotency-key must be 1 to 255 visible ASCII characters");
    }
    if (dryRun && watch) {
      throw usage("--dry-run submits nothing that --watch could show");
    }
    if (file == null) {
      return draft.json();
    }
    if (!draft.isEmpty()) {
      throw usage("--file holds the whole command; other options cannot add to it");
    }
    return CommandDraft.object(file.equals("-") ? "standard input" : file, read(file));
  }

  private byte[] read(String name) {
    try {
      return name.equals("-")
          ? surroundings().streams().in().readAllBytes()
          : Files.readAllBytes(Path.of(name));
    } catch (IOException | InvalidPathException e) {
      throw usage(Printable.text(name) + " cannot be read (" + FileReason.of(e) + ")");
    }
  }

  private Answer.Ok submit(RestClient client, Call call) throws InterruptedException {
    var backoff = new Backoff(surroundings().timing().random());
    for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
      Answer answer = client.send(call);
      if (!(answer instanceof Answer.Unreachable lost) || !lost.perhapsReceived()) {
        return client.orFail(answer);
      }
      err().println(lost.reason() + "; submitting again with the same idempotency key");
      surroundings().timing().pause().pause(backoff.next());
    }
    return client.sendOrFail(call);
  }

  private int dryRun(RestClient client, ObjectNode body) throws InterruptedException {
    JsonNode plan =
        client.sendOrFail(Call.post(body, "v1", "commands").query("dryRun", true)).body();
    List<String> lines = json ? List.of(JsonText.of(plan)) : Outline.lines(plan);
    lines.forEach(out()::println);
    return 0;
  }
}
