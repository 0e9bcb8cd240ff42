// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import picocli.CommandLine.IVersionProvider;

/** The version of this program, as the jar says it. */
public final class Version implements IVersionProvider {
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"edge-poller " + text()};
  }
}
