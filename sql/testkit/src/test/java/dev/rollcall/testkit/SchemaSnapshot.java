// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import java.util.List;
import org.jdbi.v3.core.Jdbi;

/** The schema as the catalogs tell it, one line a fact, sorted. */
final class SchemaSnapshot {
  /** PostgreSQL writes a view's query differently from version to version. */
  private static final int VIEWS_AS_WRITTEN_BY = 17;

  private static final String FACTS =
      """
      with t as (
        select c.oid, n.nspname || '.' || c.relname as name, c.relkind::text, c.reloptions, c.relpersistence::text
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('rollcall', 'report') and c.relkind in ('r', 'p', 'v', 'S')
          and not c.relispartition)
      select 'relation ' || name || ' ' || relkind || ' ' || relpersistence || ' ' || coalesce(reloptions::text, '') from t
      union all
      select 'column ' || t.name || '.' || lpad(a.attnum::text, 2, '0') || ' ' || a.attname || ' '
             || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
             || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
             || case a.attidentity when '' then '' else ' identity ' || a.attidentity::text end
      from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
      where t.relkind <> 'S'
      union all
      select 'constraint ' || t.name || '.' || c.conname || ' ' || pg_get_constraintdef(c.oid)
      from t join pg_constraint c on c.conrelid = t.oid where c.contype <> 'n'
      union all
      select 'index ' || t.name || ' ' || pg_get_indexdef(i.indexrelid)
      from t join pg_index i on i.indrelid = t.oid
      union all
      select 'partitioning ' || t.name || ' ' || pg_get_partkeydef(t.oid) from t where t.relkind = 'p'
      union all
      select 'trigger ' || t.name || '.' || g.tgname from t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
      union all
      select 'type ' || n.nspname || '.' || y.typname || ' ' || array_agg(e.enumlabel order by e.enumsortorder)::text
      from pg_type y join pg_namespace n on n.oid = y.typnamespace join pg_enum e on e.enumtypid = y.oid
      where n.nspname in ('rollcall', 'report') group by n.nspname, y.typname
      union all
      select 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') '
             || md5(p.prosrc)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('rollcall', 'report')
      union all
      select 'view ' || t.name || ' ' || regexp_replace(pg_get_viewdef(t.oid), '\\s+', ' ', 'g') from t where t.relkind = 'v'
      union all
      select 'grant ' || t.name || ' ' || g.grantee || ' ' || g.privilege_type
      from t join information_schema.role_table_grants g on g.table_schema || '.' || g.table_name = t.name
      where g.grantee = 'rollcall_report'
      """;

  private SchemaSnapshot() {}

  static List<String> of(Jdbi jdbi) {
    List<String> facts =
        jdbi.withHandle(handle -> handle.createQuery(escaped(FACTS)).mapTo(String.class).list());
    return comparable(
        facts.stream().map(fact -> fact.replaceAll("\\s+", " ").strip()).sorted().toList(), jdbi);
  }

  /** Leaves out what this server's version would write differently. */
  static List<String> comparable(List<String> facts, Jdbi jdbi) {
    int version =
        jdbi.withHandle(handle ->
            handle
                .createQuery("select current_setting('server_version_num')::int / 10000")
                .mapTo(Integer.class)
                .one());
    return version == VIEWS_AS_WRITTEN_BY
        ? facts
        : facts.stream().filter(fact -> !fact.startsWith("view ")).toList();
  }

  /** Keeps JDBI from reading {@code ::type} and {@code ?} as parameters. */
  private static String escaped(String sql) {
    return sql.replace("::", "\\:\\:").replace("?", "\\?");
  }
}
