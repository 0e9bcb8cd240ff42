// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.testkit.TestDatabase;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * A database's clock that stands still until the test moves it, also backwards. Functions of the
 * clock's names stand in a schema that is searched before PostgreSQL's own, so the product's
 * statements run unchanged and read this clock instead.
 */
final class FrozenClock {
  private static final String PATH = "frozen,rollcall,pg_catalog";

  private static final String INSTALL =
      """
      create schema frozen;
      create table frozen.clock (at timestamptz not null);
      insert into frozen.clock values (date_trunc('second', pg_catalog.now()));
      create function frozen.clock_timestamp() returns timestamptz language plpgsql volatile as
        'begin return (select at from frozen.clock); end';
      create function frozen.statement_timestamp() returns timestamptz language plpgsql stable as
        'begin return (select at from frozen.clock); end';
      create function frozen.now() returns timestamptz language plpgsql stable as
        'begin return (select at from frozen.clock); end';
      """;

  private final TestDatabase database;

  private FrozenClock(TestDatabase database) {
    this.database = database;
  }

  static FrozenClock install(TestDatabase database) {
    database.jdbi().useHandle(handle -> handle.createScript(INSTALL).execute());
    return new FrozenClock(database);
  }

  /** A pool with the product's settings, except for the clock. */
  Pool pool(Pool.Purpose purpose, int connections) {
    List<String> settings;
    try (Pool plain = Pool.open(new DatabaseAddress(database.jdbcUrl(), null, null), purpose, 1)) {
      settings =
          plain.withHandle(handle ->
              handle
                  .createQuery(
                      """
                      select ' -c ' || name || '=' || setting from pg_settings
                      where source = 'client' and name not in ('search_path', 'application_name', 'client_encoding',
                        'DateStyle', 'TimeZone', 'extra_float_digits')
                      """)
                  .mapTo(String.class)
                  .list());
    }
    String options = "-c search_path=" + PATH + String.join("", settings);
    return Pool.open(
        new DatabaseAddress(
            database.jdbcUrl() + "&options=" + URLEncoder.encode(options, StandardCharsets.UTF_8),
            null,
            null),
        purpose,
        connections);
  }

  /** Microseconds since 1970. */
  static long micros(Handle handle) {
    return handle
        .createQuery("select (extract(epoch from at) * 1000000)::bigint from frozen.clock")
        .mapTo(Long.class)
        .one();
  }

  /** Moves on, or back. */
  static int move(Handle handle, long micros) {
    return handle.execute("update frozen.clock set at = at + ? * interval '1 microsecond'", micros);
  }
}
