// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** The statement that notes what an operator did, in the transaction that does it. */
public final class AuditStore {
  private AuditStore() {}

  /**
   * Notes an act.
   *
   * @param action a word, like {@code execution-end}
   * @param object what it is done to, by its name in the API
   * @param detail an object
   */
  public static void note(
      Handle handle, Caller caller, String action, String object, JsonNode detail) {
    handle
        .createUpdate(
            """
            insert into audit (subject, action, object, detail) values (:subject, :action, :object, :detail::jsonb)
            """)
        .bind("subject", caller.subject())
        .bind("action", action)
        .bind("object", object)
        .bind("detail", detail.toString())
        .execute();
  }
}
