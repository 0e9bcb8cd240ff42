// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.http.HttpConnection;
import dev.rollcall.load.process.Roster;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A large registry, made, read, changed and removed by manifests. Confined to one thread. */
public final class RosterRound {
  private static final String APPLY = "/v1/registry";
  private static final String PRUNE = "/v1/registry?prune=true";
  private static final String NOTHING = "{\"participants\": []}";
  private static final String DRY_RUN = "/v1/registry?dryRun=true";

  private final Bed bed;
  private final Roster roster;
  private final List<Step> steps = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  /**
   * @param seconds from the request's leaving until all of the answer is in
   */
  public record Step(String name, double seconds) {}

  /**
   * @param peakBytes most memory that the server's process ever had
   * @param wrong where the registry was not what it should have been
   */
  public record Outcome(List<Step> steps, long peakBytes, List<String> wrong) {}

  private RosterRound(Bed bed, Roster roster) {
    this.bed = bed;
    this.roster = roster;
  }

  public static Outcome run(Bed bed, Roster roster) throws IOException {
    var round = new RosterRound(bed, roster);
    round.run();
    return new Outcome(round.steps, bed.probe().serverPeakBytes(), round.wrong);
  }

  private void run() throws IOException {
    bed.operator().put(PRUNE, NOTHING).require(200); // what an earlier program left in its data
    String manifest = roster.manifest();
    put("dry run, all of it new", DRY_RUN, manifest, 200);
    holds("after the dry run", 0, 0);
    put("refused for its last line", APPLY, roster.spoiled(), 400);
    holds("after the refusal", 0, 0);
    changes(put("applied, all of it new", APPLY, manifest, 200), true);
    holds("after it was applied", roster.servers(), roster.deployments());
    changes(put("applied again, nothing new", APPLY, manifest, 200), false);
    changes(put("a tenth of the servers changed", APPLY, roster.relabelled(), 200), true);
    String read = get();
    changes(put("dry run of what was read", DRY_RUN, read, 200), false);
    put("one server changed alone", roster.firstServer(), "{\"region\": \"x\"}", 200);
    holds("at the end", roster.servers(), roster.deployments());
    put("all of it removed", PRUNE, NOTHING, 200);
    holds("after it was removed", 0, 0);
  }

  private String put(String name, String path, String body, int status) throws IOException {
    long from = System.nanoTime();
    HttpConnection.Answer answer = bed.operator().put(path, body).require(status);
    took(name, from);
    return answer.body();
  }

  private String get() throws IOException {
    long from = System.nanoTime();
    String body = bed.operator().get(APPLY).require(200).body();
    took("read", from);
    return body;
  }

  private void took(String name, long fromNanos) {
    steps.add(new Step(name, (System.nanoTime() - fromNanos) / 1e9));
  }

  /** Whether a manifest's answer names changes. */
  private void changes(String answer, boolean wanted) {
    JsonNode diff = Json.MAPPER.readTree(answer);
    boolean some =
        !diff.path("created").isEmpty()
            || !diff.path("changed").isEmpty()
            || !diff.path("removed").isEmpty();
    if (some != wanted) {
      wrong.add(steps.getLast().name() + ": " + (some ? "something" : "nothing") + " changed");
    }
  }

  private void holds(String when, int servers, int deployments) {
    long found = bed.look("select count(*) from rollcall.server where removed_at is null");
    if (found != servers) {
      wrong.add(when + " there are " + found + " servers");
    }
    found = bed.look("select count(*) from rollcall.deployment");
    if (found != deployments) {
      wrong.add(when + " there are " + found + " deployments");
    }
  }
}
