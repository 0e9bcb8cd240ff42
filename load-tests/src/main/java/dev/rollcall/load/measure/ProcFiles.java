// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** CPU times and memory from {@code /proc}. */
final class ProcFiles {
  /** The unit of /proc's times is 1/100 s on every Linux, whatever the kernel's own tick. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER = 11;
  private static final int SYSTEM = 12;
  private static final int CHILDREN_USER = 13;
  private static final int CHILDREN_SYSTEM = 14;

  private ProcFiles() {}

  /** Seconds of CPU that a process used itself; 0 when there is no such process any more. */
  static double seconds(long pid) {
    String[] fields = stat(pid);
    return fields.length == 0 ? 0 : sum(fields, USER, SYSTEM);
  }

  /**
   * Seconds of CPU of a process, of its children that live, and of those that ended and were waited
   * for: of a postmaster all that its cluster ever used.
   */
  static double secondsWithChildren(long pid) {
    while (true) {
      double ended = secondsOfEndedChildren(pid);
      double living =
          ProcessHandle.of(pid).stream()
              .flatMap(ProcessHandle::children)
              .mapToDouble(child -> seconds(child.pid()))
              .sum();
      double own = seconds(pid);
      // A child that ended meanwhile would be in neither sum, or in both.
      if (secondsOfEndedChildren(pid) == ended) {
        return own + living + ended;
      }
    }
  }

  private static double secondsOfEndedChildren(long pid) {
    String[] fields = stat(pid);
    return fields.length == 0 ? 0 : sum(fields, CHILDREN_USER, CHILDREN_SYSTEM);
  }

  /**
   * @param busy seconds in which a core worked, or another guest had it
   * @param capacity seconds that passed, times the cores
   */
  record Machine(double busy, double capacity) {}

  static Machine machine() {
    String[] fields = read(Path.of("/proc/stat")).getFirst().split(" +", -1);
    double all = 0;
    // user nice system idle iowait irq softirq steal; what follows is part of user and nice.
    for (int i = 1; i <= 8; i++) {
      all += Long.parseLong(fields[i]);
    }
    double idle = Long.parseLong(fields[4]) + Long.parseLong(fields[5]);
    return new Machine((all - idle) / TICKS_PER_SECOND, all / TICKS_PER_SECOND);
  }

  /** Resident memory in bytes; 0 when there is no such process any more. */
  static long residentBytes(long pid) {
    return statusBytes(pid, "VmRSS:");
  }

  /** The most resident memory it ever had, in bytes; 0 when there is no such process any more. */
  static long peakBytes(long pid) {
    return statusBytes(pid, "VmHWM:");
  }

  private static long statusBytes(long pid, String field) {
    return read(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
        .findFirst()
        .orElse(0);
  }

  /** The fields of /proc/PID/stat that follow the name, which may itself hold blanks. */
  private static String[] stat(long pid) {
    List<String> lines = read(Path.of("/proc/" + pid + "/stat"));
    if (lines.isEmpty()) {
      return new String[0];
    }
    String line = lines.getFirst();
    return line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static double sum(String[] fields, int... which) {
    double sum = 0;
    for (int i : which) {
      sum += Long.parseLong(fields[i]);
    }
    return sum / TICKS_PER_SECOND;
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      if (!Files.exists(file)) {
        return List.of(); // it ended while it was read
      }
      throw new UncheckedIOException(e);
    }
  }
}
