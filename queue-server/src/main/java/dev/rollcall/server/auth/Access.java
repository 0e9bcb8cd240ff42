// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.web.Route;
import java.util.EnumSet;
import java.util.Set;

/** The roles that may call a route at all; what they may touch there the route decides. */
public record Access(Set<Role> roles) implements Route.Access {
  /** Operators only. */
  public static final Access OPERATORS = of(Role.OPERATOR);

  /** Whoever administers something: operators and participants. */
  public static final Access ADMINISTRATORS = of(Role.OPERATOR, Role.PARTICIPANT);

  /** Whoever gives commands. */
  public static final Access COMMANDERS = of(Role.OPERATOR, Role.PARTICIPANT, Role.CUSTOMER);

  /** Whoever reads what happened. */
  public static final Access READERS =
      of(Role.OPERATOR, Role.PARTICIPANT, Role.CUSTOMER, Role.REPORTER);

  /** Whoever reads across customers. */
  public static final Access OVERSEERS = of(Role.OPERATOR, Role.PARTICIPANT, Role.REPORTER);

  /** Edge pollers. */
  public static final Access EDGES = of(Role.SERVER);

  /** Everybody with a token, but edges. */
  public static final Access ALL_BUT_EDGES =
      new Access(EnumSet.complementOf(EnumSet.of(Role.SERVER)));

  public Access {
    roles = Set.copyOf(roles);
  }

  private static Access of(Role first, Role... others) {
    return new Access(EnumSet.of(first, others));
  }
}
