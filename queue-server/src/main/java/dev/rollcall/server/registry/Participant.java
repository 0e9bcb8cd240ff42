// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operator in the federation.
 *
 * @param id its number in this database
 * @param name unique among those that take part
 * @param cdnId its CDNI provider id (RFC 8006 section 4.3.5), null: none
 * @param delivery how commands reach its servers
 * @param scope {@code exposed}: only commands for configurations of others go through here
 * @param peer where its command invocation system is, for delivery {@code peer}
 * @param exposures what it lets others do on its servers
 */
public record Participant(
    short id,
    String name,
    @Nullable String cdnId,
    Delivery delivery,
    String scope,
    @Nullable Peer peer,
    List<Exposure> exposures) {
  public Participant {
    exposures = List.copyOf(exposures);
  }

  /** How commands reach a participant's servers. */
  public enum Delivery {
    /** Its servers pull from this queue server. */
    POLL("poll"),
    /** Its own command invocation system is addressed. */
    PEER("peer"),
    /** As peer, but its gateway pulls. */
    GATEWAY("gateway");

    private final String word;

    Delivery(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    static Delivery of(String word) {
      return switch (word) {
        case "poll" -> POLL;
        case "peer" -> PEER;
        case "gateway" -> GATEWAY;
        default -> throw new IllegalArgumentException(word);
      };
    }
  }

  /**
   * A participant's command invocation system.
   *
   * @param tokenReference where the credential is found; never the credential
   */
  public record Peer(String protocol, String url, @Nullable String tokenReference) {}

  /**
   * @param toParticipant who may
   * @param servers names, or {@code *}
   * @param operations which
   * @param hosts DNS names, {@code *.} in front allowed, or {@code *}
   * @param commandsPerMinute null: no limit
   * @param detail {@code counts} or {@code servers}: what a customer sees of the executions
   */
  public record Exposure(
      String toParticipant,
      List<String> servers,
      List<String> operations,
      List<String> hosts,
      @Nullable Integer commandsPerMinute,
      String detail) {
    public Exposure {
      servers = List.copyOf(servers);
      operations = List.copyOf(operations);
      hosts = List.copyOf(hosts);
    }

    /** The same on other servers. */
    Exposure on(List<String> others) {
      return new Exposure(toParticipant, others, operations, hosts, commandsPerMinute, detail);
    }

    public boolean coversServer(String name) {
      return servers.contains("*") || servers.contains(name);
    }
  }
}
