// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.time.Instant;
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

  /** What becomes of executions under an exposure that its participant suspended. */
  public enum Suspension {
    /** They wait, new ones too. */
    HOLD("hold"),
    /** They are rejected, new ones too. */
    END("end");

    private final String word;

    Suspension(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    static @Nullable Suspension of(@Nullable String word) {
      return word == null ? null : word.equals(HOLD.word) ? HOLD : END;
    }
  }

  /**
   * @param name of one among those of its participant; empty: none was given yet
   * @param toParticipant who may
   * @param servers names, or {@code *}
   * @param operations which
   * @param hosts DNS names, {@code *.} in front allowed, or {@code *}
   * @param commandsPerMinute null: no limit
   * @param detail {@code counts} or {@code servers}: what a customer sees of the executions
   * @param until null: it does not end by itself
   * @param expired whether it has ended by itself
   * @param suspension null: it is not suspended
   */
  public record Exposure(
      String name,
      String toParticipant,
      List<String> servers,
      List<String> operations,
      List<String> hosts,
      @Nullable Integer commandsPerMinute,
      String detail,
      @Nullable Instant until,
      boolean expired,
      @Nullable Suspension suspension) {
    public Exposure {
      servers = List.copyOf(servers);
      operations = List.copyOf(operations);
      hosts = List.copyOf(hosts);
    }

    /** The same on other servers. */
    Exposure on(List<String> others) {
      return new Exposure(
          name,
          toParticipant,
          others,
          operations,
          hosts,
          commandsPerMinute,
          detail,
          until,
          expired,
          suspension);
    }

    /** The same under a name, and in a state. */
    Exposure as(String newName, boolean over, @Nullable Suspension suspended) {
      return new Exposure(
          newName,
          toParticipant,
          servers,
          operations,
          hosts,
          commandsPerMinute,
          detail,
          until,
          over,
          suspended);
    }

    /** Only what it grants. */
    Exposure grant() {
      return as("", false, null);
    }

    /** Whether anything is allowed under it, now or when it is resumed. */
    public boolean isInForce() {
      return !expired && suspension != Suspension.END;
    }

    /** Whether what is under it waits. */
    public boolean isHeld() {
      return !expired && suspension == Suspension.HOLD;
    }
  }
}
