// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import dev.rollcall.edge.cache.Abilities;
import dev.rollcall.edge.cache.CacheTask;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.Operation;
import dev.rollcall.edge.cache.SelectorKind;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.protocol.selector.Selectors;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an execution asks of this cache, or why it cannot be asked. */
sealed interface Translation {
  /** It would act on what is not its configuration's. */
  String POLICY = "policy";

  /** Its parameters cannot be read. */
  String INVALID = "invalid";

  record Task(CacheTask task) implements Translation {}

  record Refused(String code, String message) implements Translation {}

  static Translation of(PollAnswer.Execution execution, Abilities abilities) {
    Optional<Operation> operation = Operation.of(execution.operation());
    if (operation.isEmpty()) {
      return new Refused(
          Codes.UNSUPPORTED, "operation " + Problems.shown(execution.operation()) + " is unknown");
    }
    PollAnswer.Configuration configuration = execution.configuration();
    if (configuration == null) {
      return new Refused(
          POLICY, execution.operation() + " acts within a configuration, and none is named");
    }
    var problems = new Problems();
    Fields fields = Fields.of(execution.parameters(), "", problems);
    Selectors selectors = Selectors.read(fields, problems);
    fields.done();
    if (!problems.isEmpty()) {
      return new Refused(INVALID, words(problems));
    }
    List<HostRule> hosts = hosts(configuration.hosts());
    if (hosts == null) {
      return new Refused(INVALID, "the hosts of " + configuration.name() + " cannot be read");
    }
    boolean mayWiden = "widen".equals(execution.degrade());
    var task = new CacheTask(operation.get(), configuration.name(), hosts, selectors, mayWiden);
    Refused refused = refusal(task, abilities);
    return refused == null ? new Task(task) : refused;
  }

  private static @Nullable Refused refusal(CacheTask task, Abilities abilities) {
    for (HostName host : task.selectors().hosts()) {
      if (!task.covers(host)) {
        return new Refused(POLICY, host + " is no host of " + task.configuration());
      }
    }
    Set<SelectorKind> kinds = SelectorKind.in(task.selectors());
    if (task.operation() == Operation.LOAD && !EnumSet.of(SelectorKind.URLS).containsAll(kinds)) {
      return new Refused(INVALID, "load takes urls only");
    }
    Set<SelectorKind> missing = abilities.missing(task.operation(), kinds, task.mayWiden());
    if (missing.isEmpty()) {
      return null;
    }
    String words = missing.stream().map(SelectorKind::wire).collect(Collectors.joining(", "));
    boolean wider = abilities.missing(task.operation(), kinds, true).isEmpty();
    return new Refused(
        Codes.UNSUPPORTED,
        "this cache cannot "
            + task.operation().wire()
            + " by "
            + words
            + (wider ? " exactly; degrade: widen would allow more to go" : ""));
  }

  private static @Nullable List<HostRule> hosts(List<String> names) {
    List<HostRule> out = new ArrayList<>();
    try {
      for (String name : names) {
        out.add(HostRule.parse(name));
      }
    } catch (SelectorException e) {
      return null;
    }
    return out.isEmpty() ? null : out;
  }

  private static String words(Problems problems) {
    return problems.list().stream()
        .limit(5)
        .map((Problem p) -> p.pointer() + " " + p.message())
        .collect(Collectors.joining("; "));
  }
}
