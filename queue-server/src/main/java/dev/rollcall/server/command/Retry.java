// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.Configuration;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.verification.Operations;
import dev.rollcall.server.web.ApiException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A command again, for the servers on which it failed or expired and that are still there. What its
 * origin may do on them is asked anew.
 */
record Retry(ReadStore.CommandRow command, Resolved resolved) {
  /**
   * @throws ApiException 409 when what it acted within is no longer there, or no longer the same
   */
  static Retry of(
      Caller caller,
      ReadStore.CommandRow command,
      Set<Integer> failed,
      Registry registry,
      Quotas quotas) {
    List<EdgeServer> servers =
        failed.stream().sorted().map(registry::server).filter(Objects::nonNull).toList();
    Selectors selectors = selectors(command);
    Configuration configuration =
        command.configuration() == null
            ? null
            : configuration(caller, command.configuration(), selectors, registry);
    var wish =
        new Permissions.Wish(
            command.originId(),
            command.operation(),
            configuration == null
                ? List.of()
                : Permissions.hosts(selectors, configuration.hosts()));
    var admission = new Admission(registry, wish, quotas, true);
    return new Retry(
        command,
        new Resolved(
            registry.version(),
            command.originId(),
            within(configuration),
            servers,
            admission.refused(servers),
            admission.taken()));
  }

  private static Configuration configuration(
      Caller caller, String fullName, @Nullable Selectors selectors, Registry registry) {
    Configuration configuration = registry.configuration(fullName);
    if (configuration == null
        || (caller.role() == Role.CUSTOMER
            && !Objects.equals(configuration.customerId(), caller.customerId()))) {
      throw ApiException.conflict(
          "conflict", "The configuration " + fullName + " is no longer there.");
    }
    for (HostName host : selectors == null ? List.<HostName>of() : selectors.hosts()) {
      if (!configuration.covers(host)) {
        throw ApiException.conflict(
            "conflict", "The host " + host + " is no longer one of " + fullName + ".");
      }
    }
    return configuration;
  }

  private static @Nullable Selectors selectors(ReadStore.CommandRow command) {
    if (!Operations.isBuiltIn(command.operation())) {
      return null;
    }
    var problems = new Problems();
    return Selectors.read(Fields.of(command.parameters(), "", problems), problems);
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

  NewCommand command(UUID id, Caller by, NewCommand.@Nullable Idempotency key) {
    var problems = new Problems();
    Fields options = Fields.of(command.options(), "", problems);
    return new NewCommand(
        id,
        by,
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
            Objects.requireNonNullElse(options.bool("partial"), true),
            Objects.requireNonNullElse(options.text("degrade", 20), "refuse")),
        resolved,
        key,
        command.id());
  }
}
