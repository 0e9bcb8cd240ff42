// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why something could not be read or written, in words for an operator. Many exceptions of the JDK
 * say only on what they failed, and leave the reason to the name of their class.
 */
public final class IoReason {
  private IoReason() {}

  /** With the file it is about, if it is about one. */
  public static String of(IOException e) {
    return switch (e) {
      case FileSystemException f when f.getFile() != null -> f.getFile() + " " + ofFile(f);
      case UnknownHostException _ -> "the host name cannot be resolved";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  /** Without the file, for where it was named before. */
  public static String ofFile(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "does not exist";
      case AccessDeniedException _ -> "may not be used by this user";
      case FileAlreadyExistsException _ -> "is there, and is not what is needed";
      case NotDirectoryException _ -> "is no directory";
      case FileSystemException f when f.getReason() != null -> "fails: " + f.getReason();
      default ->
          "fails: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    };
  }
}
