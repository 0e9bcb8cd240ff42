// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes executions; what a test does not say is as usual. */
public record Executions(
    String command,
    String operation,
    String parameters,
    String configuration,
    List<String> hosts,
    String key,
    long leaseSeconds,
    @Nullable String degrade) {
  public static final String HOST = "www.acme.example";

  public static Executions of(String command, String operation, String parameters) {
    return new Executions(
        command,
        operation,
        parameters,
        "alpha/acme-www",
        List.of(HOST),
        "alpha/acme-www",
        60,
        null);
  }

  public static Executions purge(String command, String... urls) {
    return of(command, "purge", urls(urls));
  }

  public static Executions load(String command, String... urls) {
    return of(command, "load", urls(urls));
  }

  public static String urls(String... urls) {
    return "{\"urls\": " + Json.MAPPER.writeValueAsString(urls) + "}";
  }

  public Executions key(String next) {
    return new Executions(
        command, operation, parameters, configuration, hosts, next, leaseSeconds, degrade);
  }

  public Executions lease(long seconds) {
    return new Executions(
        command, operation, parameters, configuration, hosts, key, seconds, degrade);
  }

  public Executions widen() {
    return new Executions(
        command, operation, parameters, configuration, hosts, key, leaseSeconds, "widen");
  }

  public Executions in(String name, String... itsHosts) {
    return new Executions(
        command, operation, parameters, name, List.of(itsHosts), key, leaseSeconds, degrade);
  }

  public PollAnswer.Execution build() {
    return build(1);
  }

  public PollAnswer.Execution build(long lease) {
    return new PollAnswer.Execution(
        command,
        lease,
        1,
        operation,
        Json.parse(parameters.getBytes(UTF_8)),
        new PollAnswer.Configuration(configuration, hosts),
        key,
        leaseSeconds,
        86_400,
        degrade);
  }
}
