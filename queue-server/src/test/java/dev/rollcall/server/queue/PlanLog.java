// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the statements of a session really did: PostgreSQL explains each as it ran, with the plan it
 * had prepared and the pages it touched, and sends that as a notice. Needs a superuser. Confined to
 * one thread.
 */
final class PlanLog implements SqlLogger {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> TABLES =
      Set.of(
          "queue",
          "rollup",
          "command",
          "command_target",
          "execution_result",
          "attempt_log",
          "resync");

  private final List<JsonNode> explained = new ArrayList<>();

  private PlanLog() {}

  /** Explains from now on what the handle's session does. */
  static PlanLog on(Handle handle) {
    handle.execute("load 'auto_explain'");
    for (String setting :
        List.of(
            "auto_explain.log_level = 'notice'",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_analyze = on",
            "auto_explain.log_timing = off",
            "auto_explain.log_buffers = on",
            "auto_explain.log_format = 'json'")) {
      handle.execute("set " + setting);
    }
    var log = new PlanLog();
    handle.getConfig(SqlStatements.class).setSqlLogger(log);
    return log;
  }

  @Override
  public void logAfterExecution(StatementContext context) {
    try {
      gather(context.getStatement());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void gather(Statement statement) throws SQLException {
    for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
      String text = String.valueOf(w.getMessage());
      int start = text.indexOf('{');
      if (start >= 0 && text.contains("plan:")) {
        explained.add(JSON.readTree(text.substring(start)));
      }
    }
  }

  /** What ran since the last call; a query is only explained when the next statement begins. */
  List<Explained> take(Handle handle) {
    handle.execute("select 1");
    List<Explained> taken =
        explained.stream().map(Explained::of).filter(plan -> !plan.relations().isEmpty()).toList();
    explained.clear();
    return taken;
  }

  /**
   * One statement.
   *
   * @param pages touched, in memory or on disk
   * @param relations of this product that were read or written
   * @param bad nodes that read more than they need
   */
  record Explained(String text, long pages, List<String> relations, List<String> bad) {
    static Explained of(JsonNode explained) {
      List<String> relations = new ArrayList<>();
      List<String> bad = new ArrayList<>();
      long pages = walk(explained.get("Plan"), relations, bad);
      return new Explained(explained.get("Query Text").asString().strip(), pages, relations, bad);
    }

    private static long walk(JsonNode node, List<String> relations, List<String> bad) {
      String type = node.get("Node Type").asString();
      String relation = node.path("Relation Name").asString("");
      if (TABLES.stream().anyMatch(relation::startsWith)) {
        relations.add(relation);
        String condition = node.path("Index Cond").asString("");
        boolean whole =
            type.contains("Index")
                && !condition.contains(relation.equals("queue") ? "server_id" : "seq");
        if (type.equals("Seq Scan") || whole) {
          bad.add(type + " on all of " + relation);
        }
      }
      if (type.startsWith("Bitmap")) {
        bad.add(type + " on " + relation);
      }
      long inside = 0;
      long below = 0;
      for (JsonNode child : node.path("Plans")) {
        below += walk(child, relations, bad);
        // What a WITH query did is counted where it stands, not where it is read.
        inside += child.path("Subplan Name").asString("").startsWith("CTE") ? 0 : pages(child);
      }
      long own = type.equals("CTE Scan") ? 0 : Math.max(0, pages(node) - inside);
      return own + below;
    }

    private static long pages(JsonNode node) {
      return node.path("Shared Hit Blocks").asLong(0) + node.path("Shared Read Blocks").asLong(0);
    }
  }
}
