// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.exchange.NotConnectedException;
import dev.rollcall.edge.cache.exchange.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;

/** What an answer to PURGE or BAN means, and what an operator can do about it. */
sealed interface VarnishAnswer {
  /**
   * @param objects how many were purged; -1: not said
   * @param millis the time at Varnish; -1: not said
   */
  record Done(long objects, long millis) implements VarnishAnswer {}

  record Not(CacheReply reply) implements VarnishAnswer {}

  static VarnishAnswer of(Reply reply) {
    boolean ours = reply.header("x-rollcall-vcl") != null;
    int status = reply.status();
    if (ours && status == 200) {
      return new Done(number(reply, "x-rollcall-objects"), number(reply, "x-rollcall-time"));
    }
    if (status == 403 || status == 405) {
      return failed(
          Codes.NOT_ALLOWED,
          ours
              ? "rollcall.vcl refuses this address; add it to the acl rollcall_poller, and let no"
                  + " proxy stand between"
              : "Varnish answers "
                  + status
                  + " to PURGE; include rollcall.vcl above what refuses it, and list the poller's"
                  + " address in its acl rollcall_poller",
          true);
    }
    if (status >= 500 && status != 501) {
      String hint =
          reply.reason().equals("VCL failed")
              ? "; rollcall.vcl needs at least the default pcre2_match_limit, and"
                  + " pcre2_jit_compilation on"
              : "";
      String message = "Varnish answers " + status + " " + reply.reason() + hint;
      return failed(Codes.status(status), message, true);
    }
    if (!ours) {
      return failed(
          Codes.UNEXPECTED_ANSWER,
          "status " + status + ", but not from rollcall.vcl; the VCL in use must include it",
          true);
    }
    return status == 501
        ? new Not(new CacheReply.Rejected(Codes.UNSUPPORTED, "rollcall.vcl: " + reply.reason()))
        : failed(Codes.UNEXPECTED_ANSWER, "rollcall.vcl: " + reply.reason(), false);
  }

  private static VarnishAnswer failed(String code, String message, boolean retry) {
    return new Not(new CacheReply.Failed(code, message, retry));
  }

  private static long number(Reply reply, String header) {
    String value = reply.header(header);
    return value != null && value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
  }

  /** For no answer at all. */
  static CacheReply.Unreachable none(URI address, IOException e) {
    boolean begun = !(e instanceof NotConnectedException);
    IOException reason = e instanceof NotConnectedException not ? not.reason() : e;
    String why =
        switch (reason) {
          case SocketTimeoutException _ -> "does not answer in time";
          case ConnectException _ -> "refuses the connection; is varnishd running?";
          case UnknownHostException _ -> "cannot be resolved";
          case NoRouteToHostException _ -> "cannot be reached";
          default ->
              begun ? "breaks off: " + e.getMessage() : "cannot be reached: " + e.getMessage();
        };
    String code = e instanceof SocketTimeoutException ? Codes.TIMEOUT : Codes.UNREACHABLE;
    return new CacheReply.Unreachable(code, "Varnish at " + address + " " + why, begun);
  }
}
