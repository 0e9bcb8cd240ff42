// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code doctor} says of a database, and how it looks. */
final class DoctorCommandTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private int status;

  @BeforeEach
  void begin() {
    Federation.fresh(server);
  }

  private String doctor() {
    var out = new StringWriter();
    CommandLine line =
        DoctorCommand.line(Map.of("ROLLCALL_DATABASE_URL", server.database().jdbcUrl()));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(out, true));
    status = line.execute();
    return out.toString();
  }

  /** One finding, its lines joined. */
  private String finding(String subject) {
    String all = doctor().replaceAll("\\R {10,}", " ");
    return all.lines()
        .filter(line -> line.contains(" " + subject + " "))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing of " + subject + " in\n" + all));
  }

  private void sql(String statement) {
    server.database().jdbi().useHandle(handle -> handle.execute(statement));
  }

  @Test
  void of_a_server_that_runs_all_is_well_and_no_line_is_too_long() {
    await("the node says where it is reached and does upkeep")
        .until(() -> finding("upkeep").contains("done by http://"));
    String all = doctor();

    assertThat(all.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(finding("nodes")).startsWith("ok").contains("1 alive").contains("http://127.0.0.1:");
    assertThat(finding("partitions")).startsWith("ok").contains("7 day(s) ahead");
    assertThat(finding("dead rows")).startsWith("ok").contains("in the queue");
    assertThat(finding("HOT updates")).startsWith("ok");
    assertThat(finding("retention")).startsWith("ok");
    assertThat(finding("oldest pending")).startsWith("ok");
  }

  @Test
  void who_holds_the_oldest_snapshot_is_named_with_what_to_do() throws Exception {
    try (Connection holder = server.database().connect();
        Statement statement = holder.createStatement()) {
      statement.execute("set application_name = 'forgotten report'");
      holder.setAutoCommit(false);
      holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select 1 from rollcall.command");
      for (int i = 0; i < 20; i++) {
        sql("select pg_current_xact_id()");
      }

      assertThat(finding("oldest snapshot"))
          .startsWith("ok")
          .contains("forgotten report")
          .contains("idle in transaction")
          .containsPattern("\\d+ transactions old");
      holder.rollback();
    }
    assertThat(finding("oldest snapshot")).doesNotContain("forgotten report");
  }

  @Test
  void what_is_pending_is_named_by_participant_the_oldest_first() {
    CommandJson.purge().id(server.operator());
    sql("update rollcall.command set queued_at = queued_at - interval '2 h'");

    assertThat(finding("oldest pending"))
        .startsWith("WRONG")
        .contains("alpha 2 h, beta 2 h")
        .contains("servers_silent");
    assertThat(status).isEqualTo(1);
  }

  @Test
  void a_node_that_fell_silent_is_named() {
    sql(
        "insert into rollcall.node values (gen_random_uuid(), 'http://gone:1', null, now() -"
            + " interval '1 h', now() - interval '90 s')");

    assertThat(finding("nodes"))
        .startsWith("WRONG")
        .containsPattern(
            "1 alive: http://127\\.0\\.0\\.1:\\d+ \\(\\w+\\); 1 silent: http://gone:1 \\(")
        .contains(") for 9")
        .contains("was that killed");
    sql("delete from rollcall.node where address = 'http://gone:1'");
  }

  @Test
  void where_no_database_runs_it_says_where_it_looked_and_which_settings_name_another_place(
      @TempDir Path temp) {
    var err = new StringWriter();
    CommandLine line = DoctorCommand.line(Map.of("ROLLCALL_DATA", temp.toString()));
    line.setErr(new PrintWriter(err, true));

    assertThat(line.execute()).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("runs in " + temp)
        .contains("--data / ROLLCALL_DATA", "--database-url / ROLLCALL_DATABASE_URL");
  }

  @Test
  void long_words_are_not_cut_and_lines_go_on_under_the_text() {
    assertThat(DoctorCommand.folded("ok    nodes            ", "a ".repeat(40) + "b"))
        .isEqualTo(
            "ok    nodes            "
                + "a ".repeat(28)
                + "a"
                + System.lineSeparator()
                + " ".repeat(23)
                + "a ".repeat(11)
                + "b");
  }
}
