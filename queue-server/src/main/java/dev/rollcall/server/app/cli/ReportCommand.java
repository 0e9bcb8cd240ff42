// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code report [NAME]}. */
@Command(
    name = "report",
    description = {"Runs a report and prints its rows.", "Without NAME it lists the reports."})
final class ReportCommand extends ClientCommand {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Set<String> NUMBERS =
      Set.of(
          "smallint",
          "integer",
          "bigint",
          "numeric",
          "real",
          "double precision",
          "int2",
          "int4",
          "int8",
          "float4",
          "float8",
          "number");

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "Which report.")
  private @Nullable String name;

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description = "A parameter of the report; repeatable.")
  private final Map<String, String> parameters = new LinkedHashMap<>();

  @Option(names = "--csv", description = "Print CSV (RFC 4180) with a line of column names.")
  private boolean csv;

  @Option(names = "--json", description = "Print the server's answer as JSON.")
  private boolean json;

  ReportCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  int run(RestClient client) throws InterruptedException {
    if (csv && json) {
      throw usage("--csv and --json exclude each other");
    }
    if (name == null) {
      return list(client);
    }
    Call call = Call.get("v1", "reports", name).limit(LIMIT);
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      call = call.query(parameter.getKey(), parameter.getValue());
    }
    JsonNode report = client.sendOrFail(call).body();
    if (json) {
      out().println(JsonText.of(report));
    } else if (csv) {
      printCsv(report);
    } else {
      printTable(report);
    }
    return 0;
  }

  private int list(RestClient client) throws InterruptedException {
    if (csv || !parameters.isEmpty()) {
      throw usage("the name of a report is missing");
    }
    JsonNode reports = client.sendOrFail(Call.get("v1", "reports")).body();
    if (json) {
      out().println(JsonText.of(reports));
      return 0;
    }
    for (JsonNode report : reports.path("items")) {
      out().println(text(report, "name"));
      out().println("    " + text(report, "purpose"));
      for (JsonNode parameter : report.path("parameters")) {
        out()
            .println(
                "    --param "
                    + text(parameter, "name")
                    + "=<"
                    + text(parameter, "type")
                    + ">  "
                    + text(parameter, "meaning"));
      }
    }
    return 0;
  }

  private static String text(JsonNode node, String field) {
    return Printable.text(node.path(field).asString(""));
  }

  private void printTable(JsonNode report) {
    List<TableView.Column> columns = new ArrayList<>();
    for (JsonNode column : report.path("columns")) {
      columns.add(
          new TableView.Column(text(column, "name"), NUMBERS.contains(text(column, "type"))));
    }
    List<List<String>> rows = rows(report, columns.size(), Printable::text);
    TableView.lines(columns, rows).forEach(out()::println);
    out().println("(" + rows.size() + (rows.size() == 1 ? " row)" : " rows)"));
  }

  /** Data for a program, so it is left as it is; only on a terminal nothing may escape. */
  private void printCsv(JsonNode report) {
    UnaryOperator<String> safe =
        surroundings().screen().live() ? Printable::text : UnaryOperator.identity();
    List<String> names = new ArrayList<>();
    report.path("columns").forEach(column -> names.add(column.path("name").asString("")));
    printCsvLine(names);
    rows(report, names.size(), safe).forEach(this::printCsvLine);
  }

  private void printCsvLine(List<String> cells) {
    out()
        .print(cells.stream().map(ReportCommand::quoted).collect(Collectors.joining(",")) + "\r\n");
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    return plain ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
  }

  private static List<List<String>> rows(JsonNode report, int width, UnaryOperator<String> safe) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : report.path("rows")) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < width; i++) {
        cells.add(safe.apply(cell(row.path(i))));
      }
      rows.add(cells);
    }
    return rows;
  }

  private static String cell(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    return value.isContainer() ? value.toString() : value.asString("");
  }
}
