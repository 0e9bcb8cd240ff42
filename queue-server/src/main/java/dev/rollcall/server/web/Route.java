// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;

/**
 * One entry of the table of routes.
 *
 * @param path with {@code {parameters}}
 * @param access who may call it; read by the gatekeeper
 */
public record Route(HandlerType method, String path, Access access, Handler handler) {
  /** Who may call a route. */
  public interface Access {}

  /** Nobody needs to say who they are. */
  public static final Access OPEN = new Open();

  private record Open() implements Access {}

  boolean isOpen() {
    return access instanceof Open;
  }

  public static Route get(String path, Access access, Handler handler) {
    return new Route(HandlerType.GET, path, access, handler);
  }

  public static Route post(String path, Access access, Handler handler) {
    return new Route(HandlerType.POST, path, access, handler);
  }

  public static Route put(String path, Access access, Handler handler) {
    return new Route(HandlerType.PUT, path, access, handler);
  }

  public static Route delete(String path, Access access, Handler handler) {
    return new Route(HandlerType.DELETE, path, access, handler);
  }
}
