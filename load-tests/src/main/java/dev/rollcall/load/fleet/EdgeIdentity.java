// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

/**
 * An edge server as the federation knows it.
 *
 * @param number of the server in this run
 * @param name {@code participant/server}
 * @param token it polls with
 */
public record EdgeIdentity(int number, String name, String token) {
  @Override
  public String toString() {
    return name;
  }
}
