// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import java.io.FileNotFoundException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/** Why a file cannot be used, in words for whoever named it rather than as the name of a class. */
public final class FileReason {
  private FileReason() {}

  public static String of(Exception e) {
    return switch (e) {
      case NoSuchFileException gone -> "it does not exist";
      case FileNotFoundException gone -> "it does not exist or may not be read";
      case AccessDeniedException denied -> "permission denied";
      case NotDirectoryException file -> "it is no directory";
      case FileAlreadyExistsException file -> "something else is there";
      case CharacterCodingException coding -> "it is not UTF-8";
      case InvalidPathException path -> "that is no path";
      case FileSystemException system -> lower(system.getReason());
      default -> lower(e.getMessage());
    };
  }

  /** With the file before it, where the one that is told knows only of many. */
  public static String named(Exception e) {
    return e instanceof FileSystemException system && system.getFile() != null
        ? system.getFile() + ": " + of(e)
        : of(e);
  }

  private static String lower(@Nullable String reason) {
    return reason == null || reason.isEmpty()
        ? "the system gives no reason"
        : Character.toLowerCase(reason.charAt(0)) + reason.substring(1);
  }
}
