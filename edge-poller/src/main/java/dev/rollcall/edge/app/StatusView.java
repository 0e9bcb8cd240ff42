// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.journal.Backlog;
import dev.rollcall.edge.telemetry.StatusReport;
import dev.rollcall.edge.telemetry.StatusReport.Ended;
import dev.rollcall.edge.telemetry.StatusReport.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Status as people read it: lines of at most 80 characters, unless what is shown is longer. */
final class StatusView {
  private static final int MOST_LAST = 10;
  private static final int WIDTH = 80;

  private final Instant now;
  private final List<String> lines = new ArrayList<>();

  StatusView(Instant now) {
    this.now = now;
  }

  List<String> lines(Optional<StatusReport> report, Backlog backlog, @Nullable String holder) {
    if (report.isEmpty()) {
      field("poller", holder == null ? "not running, and has not run yet" : "starting, " + holder);
    } else {
      poller(report.get(), holder);
    }
    field(
        "journal",
        backlog.held()
            + " leases held, "
            + backlog.owed()
            + " results owed to the server, "
            + backlog.succeeded()
            + " successes remembered");
    report.ifPresent(this::executions);
    return lines;
  }

  private void poller(StatusReport report, @Nullable String holder) {
    if (holder == null) {
      boolean stopped = report.state().equals(StatusReport.State.STOPPED.words());
      field(
          "poller",
          (stopped
                  ? "not running, stopped "
                  : "not running, ended without being stopped; last seen ")
              + ago(report.writtenAt()));
    } else {
      field(
          "poller",
          "running, "
              + holder
              + ", version "
              + report.version()
              + ", started "
              + ago(report.startedAt()));
      field("state", report.state() + ", since " + ago(report.stateSince()));
      if (report.isStale(now)) {
        field("problem", "this was written " + ago(report.writtenAt()) + ": the poller hangs, or");
        field("", "cannot write to its state directory");
      }
    }
    Instant answered = report.answeredAt();
    field(
        "server",
        report.server()
            + (answered == null ? ", has not answered yet" : ", last answered " + ago(answered)));
    String problem = report.problem();
    Instant problemAt = report.problemAt();
    if (problem != null && problemAt != null) {
      field("problem", problem + " (" + ago(problemAt) + ")");
    }
    field("cache", report.cache());
    StatusReport.CacheTrouble trouble = report.cacheTrouble();
    if (trouble != null) {
      field(
          "problem",
          "the cache cannot be reached since "
              + short_(Duration.between(trouble.since(), now))
              + "; no work is");
      field("", "taken for it; it is asked again " + ahead(trouble.probeAt()));
      field("", trouble.reason());
    }
  }

  private void executions(StatusReport report) {
    field(
        "work",
        report.runningCount()
            + " running, "
            + report.queued()
            + " queued, capacity "
            + report.capacity());
    String ended =
        report.ended().entrySet().stream()
            .map((Map.Entry<String, Long> e) -> e.getValue() + " " + e.getKey())
            .collect(Collectors.joining(", "));
    field("done", ended.isEmpty() ? "nothing since the start" : ended + " since the start");
    if (!report.running().isEmpty()) {
      lines.add("");
      lines.add("running");
      report.running().forEach(this::running);
    }
    if (!report.last().isEmpty()) {
      lines.add("");
      lines.add("last results");
      report.last().stream().limit(MOST_LAST).forEach(this::ended);
    }
  }

  private void running(Running running) {
    lines.add(
        String.format(
            Locale.ROOT,
            "  %s  %-10s  %s (lease %d)",
            running.since(),
            running.operation(),
            running.command(),
            running.lease()));
  }

  private void ended(Ended ended) {
    lines.add(
        String.format(
            Locale.ROOT,
            "  %-8s %-10s %-10s %s%s",
            short_(Duration.between(ended.at(), now)),
            ended.operation(),
            ended.outcome(),
            ended.command(),
            ended.objects() == null ? "" : "  " + ended.objects() + " objects"));
    String message = ended.message();
    String code = ended.code();
    if (!ended.outcome().equals("succeeded") && message != null) {
      String text = "           " + (code == null ? "" : code + ": ") + message;
      lines.add(text.length() > 2 * WIDTH ? text.substring(0, 2 * WIDTH - 1) + "…" : text);
    }
  }

  private void field(String name, String value) {
    lines.add(String.format(Locale.ROOT, "%-9s %s", name, value));
  }

  private String ago(Instant at) {
    Duration since = Duration.between(at, now);
    return since.toSeconds() < 1 ? "just now" : short_(since) + " ago";
  }

  private String ahead(Instant at) {
    Duration until = Duration.between(now, at);
    return until.toSeconds() < 1 ? "at once" : "in " + short_(until);
  }

  private static String short_(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 7_200) {
      return seconds / 60 + " min";
    }
    return seconds < 172_800 ? seconds / 3_600 + " h" : seconds / 86_400 + " days";
  }
}
