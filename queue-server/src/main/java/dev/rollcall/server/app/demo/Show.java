// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.CommandStatus;
import dev.rollcall.server.app.cli.CommandWatch;
import dev.rollcall.server.app.cli.LiveView;
import dev.rollcall.server.app.cli.Surroundings;
import java.util.List;

/** Loads and purges, and looks into the caches after each. */
final class Show {
  static final List<String> PATHS =
      List.of("/index.html", "/style.css", "/app.js", "/img/logo.svg", "/news?page=1");

  private final Surroundings surroundings;
  private final Federation federation;
  private final Narrator narrator;

  Show(Surroundings surroundings, Federation federation) {
    this.surroundings = surroundings;
    this.federation = federation;
    this.narrator = new Narrator(surroundings);
  }

  static List<String> urls() {
    return PATHS.stream().map(path -> "https://" + DemoManifest.HOST + path).toList();
  }

  /**
   * How it went.
   *
   * @param good both rollups are complete, and the caches hold what they should
   */
  record Result(boolean good, CommandStatus purge) {}

  Result run() throws InterruptedException {
    narrator.heading(
        "Load: "
            + PATHS.size()
            + " objects into the caches of all "
            + federation.edges()
            + " edges");
    CommandStatus load = follow("load");
    boolean loaded = load.isGood() && proveLoaded();
    narrator.heading("Purge: the same objects, everywhere");
    CommandStatus purge = follow("purge");
    boolean gone = purge.isGood() && proveGone();
    return new Result(loaded && gone, purge);
  }

  private CommandStatus follow(String operation) throws InterruptedException {
    CommandStatus submitted = new DemoApi(federation.client()).submit(operation, urls());
    CommandStatus ended =
        new CommandWatch(federation.client(), surroundings.timing(), LiveView.on(surroundings))
            .follow(submitted.id());
    narrator.line(ended.summary());
    return ended;
  }

  private boolean proveLoaded() {
    Proof.Found found = federation.proof().look(PATHS);
    int expected = federation.directories() * PATHS.size();
    say(found);
    return check(
        found.files() == expected && found.misses() == 0 && found.asked() == 0,
        "That is not what a load should leave: "
            + expected
            + " files, no miss, and an origin that is not asked.");
  }

  private boolean proveGone() {
    Proof.Found found = federation.proof().look(PATHS);
    say(found);
    return check(
        found.files() == 0 && found.hits() == 0 && found.asked() == found.misses(),
        "That is not what a purge should leave: no file, no hit, and an origin that is asked.");
  }

  private void say(Proof.Found found) {
    String directories = "In the caches: " + found.files() + " files in the directories";
    String varnish =
        found.hits() + found.misses() == 0
            ? ""
            : "; Varnish, asked for each object, had "
                + found.hits()
                + " and fetched "
                + found.asked()
                + " from the origin";
    narrator.line(directories + varnish + ".");
  }

  private boolean check(boolean good, String otherwise) {
    if (!good) {
      narrator.problem(List.of(otherwise));
    }
    return good;
  }
}
