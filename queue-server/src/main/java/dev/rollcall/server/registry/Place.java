// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.web.ApiException;

/**
 * Where one thing of the registry is found.
 *
 * @param participant to which it belongs
 * @param name empty for the participant itself
 */
record Place(Kind kind, String participant, String name) {
  /** What there is. */
  enum Kind {
    PARTICIPANT("participant", ""),
    CUSTOMER("customer", "customers"),
    SERVER("server", "servers"),
    CONFIGURATION("configuration", "configurations"),
    EXPOSURE("exposure", "exposures"),
    /** Of an exposure. */
    SUSPENSION("exposure", "suspension"),
    /** Of a configuration. */
    DEPLOYMENTS("configuration", "deployments");

    private final String word;
    private final String list;

    Kind(String word, String list) {
      this.word = word;
      this.list = list;
    }

    String word() {
      return word;
    }

    /** The field of a participant in a manifest that holds such things. */
    String list() {
      return list;
    }
  }

  String fullName() {
    return kind == Kind.PARTICIPANT ? participant : participant + "/" + name;
  }

  /** The same for what is not there and for what somebody may not know of. */
  ApiException unknown() {
    if (kind == Kind.SUSPENSION) {
      return ApiException.notFound(
          "There is no suspended exposure " + Problems.shown(fullName()) + ".");
    }
    return ApiException.notFound(
        "There is no " + kind.word() + " " + Problems.shown(fullName()) + ".");
  }

  /** It belongs to a participant that is not there, or of which somebody may not know. */
  ApiException ownerUnknown() {
    return new Place(Kind.PARTICIPANT, participant, "").unknown();
  }
}
