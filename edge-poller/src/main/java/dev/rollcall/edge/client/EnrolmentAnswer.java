// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import org.jspecify.annotations.Nullable;

/**
 * What a queue server answers to a machine that enrols.
 *
 * @param server the full name
 * @param token null: somebody has to approve
 */
public record EnrolmentAnswer(String server, @Nullable String token) {
  /** Without the token. */
  @Override
  public String toString() {
    return server + (token == null ? ", to be approved" : ", enrolled");
  }
}
