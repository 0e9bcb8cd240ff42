// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import java.util.List;

/** What an operator should know of the database, each fact with a judgement. */
public final class Diagnosis {
  private Diagnosis() {}

  /**
   * @param good false: something should be done
   * @param text what was found, and if it is not good what to do
   */
  public record Finding(String subject, boolean good, String text) {}

  /** Looks at everything. */
  public static List<Finding> of(Pool pool) {
    return pool.inTransaction(DiagnosisStore::of);
  }
}
