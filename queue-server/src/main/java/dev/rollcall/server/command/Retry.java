// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.registry.Configuration;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.verification.Operations;
import dev.rollcall.server.web.ApiException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A command again, for the servers on which it failed or expired and that are still there. What its
 * origin may do on them is asked anew.
 */
record Retry(ReadStore.CommandRow command, Resolved resolved) {
  static Retry of(
      ReadStore.CommandRow command, Set<Integer> failed, Registry registry, Quotas quotas) {
    List<EdgeServer> servers =
        failed.stream().map(registry::server).filter(Objects::nonNull).toList();
    Configuration configuration =
        command.configuration() == null ? null : registry.configuration(command.configuration());
    if (command.configuration() != null && configuration == null) {
      throw ApiException.conflict(
          "conflict", "The configuration " + command.configuration() + " is no longer there.");
    }
    var wish =
        new Permissions.Wish(
            command.originId(), command.operation(), hosts(command, configuration));
    Map<Integer, String> refused = new HashMap<>();
    for (EdgeServer server : servers) {
      if (!Permissions.isOwn(registry, server, command.originId())) {
        var exposure = Permissions.allowing(registry, server, wish);
        if (exposure == null) {
          refused.put(server.id(), Permissions.EXPOSURE);
        } else if (!quotas.take(server.participantId(), command.originId(), exposure, true)) {
          refused.put(server.id(), Permissions.QUOTA);
        }
      }
    }
    return new Retry(
        command,
        new Resolved(
            registry.version(), command.originId(), within(configuration), servers, refused));
  }

  private static List<HostRule> hosts(
      ReadStore.CommandRow command, @Nullable Configuration configuration) {
    if (configuration == null) {
      return List.of();
    }
    Selectors selectors = null;
    if (Operations.isBuiltIn(command.operation())) {
      var problems = new Problems();
      selectors = Selectors.read(Fields.of(command.parameters(), "", problems), problems);
    }
    return Permissions.hosts(selectors, configuration.hosts());
  }

  private static Resolved.@Nullable Within within(@Nullable Configuration configuration) {
    return configuration == null
        ? null
        : new Resolved.Within(
            configuration.id(),
            configuration.fullName(),
            configuration.hostNames(),
            configuration.customerId());
  }

  NewCommand command(UUID id, String createdBy, NewCommand.@Nullable Idempotency key) {
    var problems = new Problems();
    Fields options = Fields.of(command.options(), "", problems);
    return new NewCommand(
        id,
        createdBy,
        command.operation(),
        command.target(),
        command.parameters(),
        new Options(
            Objects.requireNonNullElse(options.text("orderingKey", 200), ""),
            Objects.requireNonNullElse(options.text("lane", 20), "normal"),
            null,
            Objects.requireNonNullElse(
                options.integer("deadlineSeconds", 1, Integer.MAX_VALUE), 86_400),
            Objects.requireNonNullElse(options.integer("leaseSeconds", 1, 3_600), 60),
            Objects.requireNonNullElse(options.integer("maxAttempts", 1, 100), 5),
            true,
            Objects.requireNonNullElse(options.text("degrade", 20), "refuse")),
        resolved,
        key,
        command.id());
  }
}
