// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

/**
 * Where in a server's queue an execution lies: by lane, and in it by origin. One number in the key,
 * so that a server's lanes and origins can be read apart without another index.
 */
public final class Track {
  /** Lanes, in the order in which they are served. */
  public static final int LANES = 3;

  private static final int ORIGINS = 8_192;

  /** Beyond every track. */
  static final short END = (short) (LANES * ORIGINS);

  private Track() {}

  /**
   * @param lane 0 urgent, 1 normal, 2 bulk
   * @param originId the originating participant; 0: the federation's operators
   */
  public static short of(int lane, int originId) {
    if (lane < 0 || lane >= LANES || originId < 0 || originId >= ORIGINS) {
      throw new IllegalArgumentException("lane " + lane + ", origin " + originId);
    }
    return (short) (lane * ORIGINS + originId);
  }

  public static int lane(short track) {
    return track / ORIGINS;
  }

  public static int origin(short track) {
    return track % ORIGINS;
  }
}
