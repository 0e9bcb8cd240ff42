// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.Arguments;

/** Gives a test's plain JDBI the array binding that pools have. */
public final class ArraysInJdbi {
  private ArraysInJdbi() {}

  public static void register(Jdbi jdbi) {
    jdbi.getConfig(Arguments.class).register(new SqlArrays());
  }
}
