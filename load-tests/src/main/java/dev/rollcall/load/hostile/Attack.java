// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.rollcall.load.http.Target;
import java.util.SplittableRandom;

/** What hostile clients do with a connection. */
public enum Attack {
  SILENT("silent"),
  SLOW_HEADER("slow headers"),
  SLOW_BODY("slow bodies"),
  HALF_CLOSED("half closed"),
  NEVER_READING("never reading"),
  LARGE_HEADER("large headers"),
  GARBAGE("pipelined garbage");

  private static final int LARGE = 64 << 10;
  private static final int PIPELINED = 20;
  private static final int NOISE = 2_000;
  private static final int ANNOUNCED = 1 << 20;

  private final String label;

  Attack(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /** Whether it takes what the server answers. */
  boolean reads() {
    return this != NEVER_READING;
  }

  /** Whether it ends its own side when it has sent what it sends at first. */
  boolean closesItsSide() {
    return this == HALF_CLOSED;
  }

  /**
   * What is sent at once.
   *
   * @param token of somebody who may do all this
   */
  byte[] first(Target target, String token) {
    String text =
        switch (this) {
          case SILENT -> "";
          case SLOW_HEADER -> "GET /healthz HTTP/1.1\r\nHost: x\r\n";
          case SLOW_BODY -> target.head("POST", "/v1/commands", token) + ANNOUNCED + "\r\n\r\n{";
          case HALF_CLOSED -> target.head("POST", "/v1/commands", token) + "100\r\n\r\n{";
          case NEVER_READING ->
              (target.head("GET", "/openapi.yaml", token) + "0\r\n\r\n").repeat(PIPELINED);
          case LARGE_HEADER ->
              "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + "a".repeat(LARGE) + "\r\n\r\n";
          case GARBAGE ->
              "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(PIPELINED) + noise(target.port());
        };
    return text.getBytes(ISO_8859_1);
  }

  private static String noise(int seed) {
    var random = new SplittableRandom(seed);
    var out = new StringBuilder();
    for (int i = 0; i < NOISE; i++) {
      out.append((char) random.nextInt(256));
    }
    return out.toString();
  }

  /** What is sent now and then; empty: nothing. */
  byte[] drip() {
    String text =
        switch (this) {
          case SLOW_HEADER -> "X-A: b\r\n";
          case SLOW_BODY -> " ";
          default -> "";
        };
    return text.getBytes(ISO_8859_1);
  }
}
