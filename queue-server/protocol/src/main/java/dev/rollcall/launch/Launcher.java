// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.launch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Properties;

/**
 * The class both jars start with. It is compiled for Java 8, so that an older Java can load it and
 * say in one line which version is needed, instead of failing with a class file error.
 */
public final class Launcher {
  private static final int NEEDED = 25;

  private Launcher() {}

  /** Starts the main class named by the jar's {@code rollcall-launch.properties}. */
  public static void main(String[] args) throws Throwable {
    int running = feature(System.getProperty("java.specification.version"));
    Properties launch = new Properties();
    try (InputStream in = Launcher.class.getResourceAsStream("/rollcall-launch.properties")) {
      if (in == null) {
        throw new IOException("rollcall-launch.properties is missing from the jar");
      }
      launch.load(in);
    }
    if (running < NEEDED) {
      System.err.println(
          launch.getProperty("name")
              + " needs Java "
              + NEEDED
              + " or newer; this is Java "
              + running
              + " ("
              + System.getProperty("java.home")
              + ")");
      System.exit(1);
    }
    try {
      Class.forName(launch.getProperty("main"))
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  static int feature(String specificationVersion) {
    String[] parts = specificationVersion.split("\\.");
    int first = Integer.parseInt(parts[0]);
    return first == 1 && parts.length > 1 ? Integer.parseInt(parts[1]) : first;
  }
}
