// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.report;

import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.db.DatabaseErrors;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.web.ApiException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Runs reports. Thread-safe. */
final class ReportStore {
  private final Pool pool;
  private final Map<String, ReportFile> files = new LinkedHashMap<>();

  /** Loads all files: one that is missing keeps the server from starting. */
  ReportStore(Pool pool) {
    this.pool = pool;
    ReportFile.NAMES.forEach(name -> files.put(name, ReportFile.load(name)));
  }

  /** A column of a result. */
  record Column(String name, String type) {}

  /** What a report gave. */
  record Result(String report, List<Column> columns, List<List<@Nullable Object>> rows) {}

  List<ReportFile> all() {
    return List.copyOf(files.values());
  }

  @Nullable ReportFile find(String name) {
    return files.get(name);
  }

  /**
   * @param values one for each parameter
   * @throws ApiException 400 when a value is not of its parameter's type
   */
  Result run(ReportFile file, Map<String, String> values) {
    try {
      return pool.inTransaction(handle -> run(handle, file, values));
    } catch (RuntimeException e) {
      if (DatabaseErrors.isBadValue(e)) {
        throw ApiException.invalid(badValues(file, values));
      }
      throw e;
    }
  }

  /** Which of them it was: each is asked for alone. */
  private List<Problem> badValues(ReportFile file, Map<String, String> values) {
    List<Problem> bad = new ArrayList<>();
    for (ReportFile.Parameter parameter : file.parameters()) {
      String value = String.valueOf(values.get(parameter.name()));
      if (!isOfType(value, parameter.type())) {
        bad.add(
            new Problem(
                "/query/" + parameter.name(),
                "is "
                    + Problems.shown(value)
                    + "; needed: "
                    + parameter.type()
                    + ", "
                    + parameter.meaning()));
      }
    }
    return bad.isEmpty()
        ? List.of(new Problem("/query", "holds a value that is out of the report's range"))
        : bad;
  }

  /**
   * @param type as the header of a report's file has it, letters only
   */
  private boolean isOfType(String value, String type) {
    try {
      return pool.withHandle(handle ->
          handle
              .createQuery("select (:value::text::" + type + ") is not null")
              .bind("value", value)
              .mapTo(Boolean.class)
              .one());
    } catch (RuntimeException e) {
      if (DatabaseErrors.isBadValue(e)) {
        return false;
      }
      throw e;
    }
  }

  private static Result run(Handle handle, ReportFile file, Map<String, String> values) {
    handle.execute("set transaction read only");
    boolean member =
        handle
            .createQuery("select pg_has_role('rollcall_report', 'MEMBER')")
            .mapTo(Boolean.class)
            .one();
    if (member) {
      handle.execute("set local role rollcall_report");
    }
    Query query = handle.createQuery(file.sql());
    values.forEach(query::bind);
    return query.scanResultSet((supplier, context) -> {
      try (ResultSet rs = supplier.get()) {
        return read(file.name(), rs);
      }
    });
  }

  private static Result read(String name, ResultSet rs) throws SQLException {
    ResultSetMetaData meta = rs.getMetaData();
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(new Column(meta.getColumnName(i), meta.getColumnTypeName(i)));
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    while (rs.next()) {
      List<@Nullable Object> row = new ArrayList<>();
      for (int i = 1; i <= columns.size(); i++) {
        row.add(plain(rs.getObject(i), rs, i));
      }
      rows.add(row);
    }
    return new Result(name, columns, rows);
  }

  private static @Nullable Object plain(@Nullable Object value, ResultSet rs, int column)
      throws SQLException {
    return switch (value) {
      case null -> null;
      case Timestamp time ->
          rs.getObject(column, OffsetDateTime.class)
              .withOffsetSameInstant(ZoneOffset.UTC)
              .toInstant()
              .toString();
      case Number number -> number;
      case Boolean flag -> flag;
      default -> value.toString();
    };
  }
}
