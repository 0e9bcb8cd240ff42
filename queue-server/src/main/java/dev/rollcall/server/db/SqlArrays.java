// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import java.lang.reflect.Type;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.config.ConfigRegistry;

/**
 * Binds Java arrays as PostgreSQL arrays. The driver sends primitive arrays in binary, in one
 * piece; JDBI's own way would box each element and write it as text. Preparable, because JDBI asks
 * its own factory for arrays before any that is not.
 */
final class SqlArrays implements ArgumentFactory.Preparable {
  private static final Set<Type> TYPES =
      Set.of(
          int[].class,
          long[].class,
          short[].class,
          boolean[].class,
          double[].class,
          String[].class,
          Long[].class);

  @Override
  public Optional<Function<Object, Argument>> prepare(Type type, ConfigRegistry config) {
    return TYPES.contains(type)
        ? Optional.of(
            value -> (position, statement, context) -> statement.setObject(position, value))
        : Optional.empty();
  }
}
