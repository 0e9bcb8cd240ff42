// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.Surroundings;
import picocli.CommandLine;

/** The demo as a process of its own, with a {@link FakeFederation} in it. */
final class DemoProcess {
  private DemoProcess() {}

  public static void main(String[] args) {
    var demo = new DemoCommand(Surroundings.ofProcess(), new FakeFederation());
    System.exit(
        new CommandLine(demo)
            .execute("--no-varnish", "--edges=1", "--data=" + args[0], "--edge-poller=" + args[1]));
  }
}
