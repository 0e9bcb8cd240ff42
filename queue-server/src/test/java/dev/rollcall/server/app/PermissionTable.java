// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The table of who may do what, as {@code permissions.txt} has it. */
final class PermissionTable {
  private PermissionTable() {}

  /** Who calls: one for each role, and a reporter for all beside one for a participant. */
  enum Who {
    OPERATOR("operator", ""),
    PARTICIPANT("participant", "amber"),
    CUSTOMER("customer", "amber/acme"),
    SERVER("server", "amber/amb-01"),
    PEER("peer", "amber"),
    REPORTER("reporter", ""),
    REPORTER_OF_ONE("reporter", "amber");

    private final String role;
    private final String scope;

    Who(String role, String scope) {
      this.role = role;
      this.scope = scope;
    }

    String role() {
      return role;
    }

    String scope() {
      return scope;
    }

    boolean seesAll() {
      return scope.isEmpty();
    }
  }

  /** Whose the things are that a request is about. */
  enum Whose {
    OWN,
    ANOTHERS,
    NOBODYS
  }

  /** One line: a request, and the status that each caller is answered. */
  record Line(
      String method, String route, String path, String body, Map<Who, Map<Whose, Integer>> status) {
    String key() {
      return method + " " + route;
    }

    int status(Who who, Whose whose) {
      return Objects.requireNonNull(Objects.requireNonNull(status.get(who)).get(whose));
    }

    boolean isOpen() {
      return status.values().stream()
          .flatMap(byWhose -> byWhose.values().stream())
          .allMatch(code -> code == 200);
    }

    @Override
    public String toString() {
      return method + " " + path + " " + body;
    }
  }

  static List<Line> read() {
    try (InputStream in = PermissionTable.class.getResourceAsStream("/permissions.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(PermissionTable::line)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Line line(String text) {
    List<String> cells = Arrays.stream(text.split("\\|", -1)).map(String::strip).toList();
    assertThat(cells).as(text).hasSize(3 + Who.values().length);
    String[] route = cells.getFirst().split(" ", 2);
    Map<Who, Map<Whose, Integer>> status = new EnumMap<>(Who.class);
    Iterator<String> column = cells.subList(3, cells.size()).iterator();
    for (Who who : Who.values()) {
      status.put(who, statuses(column.next()));
    }
    String path = cells.get(1).isEmpty() ? route[1] : cells.get(1);
    return new Line(route[0], route[1], path, cells.get(2), status);
  }

  private static Map<Whose, Integer> statuses(String cell) {
    String[] words = cell.split(" +", -1);
    assertThat(words.length).as(cell).isIn(1, Whose.values().length);
    Map<Whose, Integer> statuses = new EnumMap<>(Whose.class);
    Iterator<String> word = List.of(words).iterator();
    String each = words[0];
    for (Whose whose : Whose.values()) {
      statuses.put(whose, Integer.valueOf(words.length == 1 ? each : word.next()));
    }
    return statuses;
  }
}
