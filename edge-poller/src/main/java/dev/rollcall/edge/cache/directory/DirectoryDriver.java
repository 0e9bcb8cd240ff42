// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.edge.cache.Abilities;
import dev.rollcall.edge.cache.Abilities.Ability;
import dev.rollcall.edge.cache.Abilities.Manner;
import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.CacheTask;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.Loads;
import dev.rollcall.edge.cache.Operation;
import dev.rollcall.edge.cache.Parallel;
import dev.rollcall.edge.cache.SelectorKind;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.edge.cache.exchange.Addresses;
import dev.rollcall.edge.cache.exchange.HttpPeer;
import dev.rollcall.edge.cache.exchange.PublicAddresses;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.config.Origin;
import dev.rollcall.edge.lifecycle.DirectoryLock;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.protocol.selector.CacheUrl;
import dev.rollcall.protocol.selector.HostName;
import dev.rollcall.protocol.selector.HostRule;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Commands one directory of content. Thread-safe. */
public final class DirectoryDriver implements CacheDriver {
  private static final Set<SelectorKind> KINDS =
      EnumSet.of(
          SelectorKind.URLS,
          SelectorKind.PREFIXES,
          SelectorKind.PATTERNS,
          SelectorKind.REGEXES,
          SelectorKind.EVERYTHING);

  /** A file cannot be made to be validated again: nobody who serves it would look. */
  private static final Abilities ABILITIES =
      new Abilities.Builder()
          .with(Operation.PURGE, KINDS, new Ability(Manner.EXACT, true))
          .with(Operation.INVALIDATE, KINDS, new Ability(Manner.WIDER, true))
          .with(Operation.LOAD, Set.of(SelectorKind.URLS), new Ability(Manner.EXACT, true))
          .build();

  private final CacheConfig.Directory config;
  private final InstantSource clock;
  private final String self;
  private final Map<String, HttpPeer> origins = new TreeMap<>();
  private final LoadsUnderWay underWay = new LoadsUnderWay();
  private @Nullable Opened opened;

  /** What there is once the directory is held. */
  private record Opened(ContentTree tree, OriginFetch fetch, Trash trash, DirectoryLock lock) {}

  /**
   * @param self who holds the directory, for another poller that meets it
   */
  public DirectoryDriver(CacheConfig.Directory config, InstantSource clock, String self) {
    this(config, clock, self, Addresses.SYSTEM);
  }

  DirectoryDriver(
      CacheConfig.Directory config, InstantSource clock, String self, Addresses.Lookup lookup) {
    this.config = config;
    this.clock = clock;
    this.self = self;
    config.origins().forEach((name, origin) -> origins.put(name, peer(origin, lookup)));
  }

  /**
   * Whoever controls the origin's name must not make the poller a way into the operator's network.
   */
  private static HttpPeer peer(Origin origin, Addresses.Lookup lookup) {
    return new HttpPeer(
        origin.address(),
        new Addresses(lookup, at -> PublicAddresses.contain(at) || origin.names(at)));
  }

  @Override
  public Abilities abilities() {
    return ABILITIES;
  }

  @Override
  public void start() throws IOException {
    Files.createDirectories(config.root());
    var tree = new ContentTree(config.root().toRealPath());
    Files.createDirectories(tree.own("tmp"));
    Path own = tree.own("");
    switch (DirectoryLock.take(own, self)) {
      case DirectoryLock.Taken.ByAnother(String holder) ->
          throw new IOException(config.root() + " is held by another poller: " + holder);
      case DirectoryLock.Taken.Held(DirectoryLock lock) -> {
        clear(tree.own("tmp"));
        var trash = new Trash(tree.own("trash"), config.quietHours(), clock);
        trash.start();
        opened =
            new Opened(tree, new OriginFetch(tree, underWay, config.maxObjectBytes()), trash, lock);
      }
    }
  }

  /** What a killed process was fetching. */
  private static void clear(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void stop() throws InterruptedException {
    Opened open = opened;
    opened = null;
    origins.values().forEach(HttpPeer::close);
    if (open != null) {
      open.trash.stop();
      try {
        open.lock.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public CacheReply execute(CacheTask task, TimeLimit limit) throws InterruptedException {
    Opened open = opened;
    @Nullable String gone = open == null ? config.root() + " is not held" : gone(open);
    if (open == null || gone != null) {
      return new CacheReply.Unreachable(Codes.UNREACHABLE, String.valueOf(gone), false);
    }
    CacheReply reply = carriedOut(task, limit, open);
    @Nullable String lost = reply instanceof CacheReply.Failed ? gone(open) : null;
    return lost == null ? reply : new CacheReply.Unreachable(Codes.UNREACHABLE, lost, true);
  }

  /**
   * Why nothing can be done with the directory; null when it can. A mount that is gone leaves an
   * empty directory, in which every purge would succeed; one that turned read-only after an error
   * of its disk still shows everything.
   */
  private @Nullable String gone(Opened open) {
    if (!open.tree.isThere()) {
      return config.root() + " is not there any more, or is another one";
    }
    return open.tree.isWritable() ? null : config.root() + " cannot be written any more";
  }

  @Override
  public Optional<String> probe(TimeLimit limit) {
    Opened open = opened;
    return open == null ? Optional.empty() : Optional.ofNullable(gone(open));
  }

  private CacheReply carriedOut(CacheTask task, TimeLimit limit, Opened open)
      throws InterruptedException {
    try {
      return task.operation() == Operation.LOAD ? load(task, limit, open) : remove(task, open);
    } catch (ContentTree.LinkException e) {
      return new CacheReply.Failed(Codes.SYMBOLIC_LINK, String.valueOf(e.getMessage()), true);
    } catch (IOException e) {
      return new CacheReply.Failed(Codes.IO_ERROR, IoReason.of(e), true);
    }
  }

  private CacheReply load(CacheTask task, TimeLimit limit, Opened open)
      throws InterruptedException {
    HttpPeer origin = origins.get(task.configuration());
    if (origin == null) {
      return new CacheReply.Rejected(
          Codes.NO_ORIGIN, "no origin is set here for " + task.configuration());
    }
    return Loads.reply(
        Parallel.map(
            task.selectors().urls(), Loads.WIDTH, url -> open.fetch.load(url, origin, limit)));
  }

  private CacheReply remove(CacheTask task, Opened open) throws IOException, InterruptedException {
    open.tree.locked(() -> underWay.purge(url -> covered(task, url)));
    Trash.@Nullable Bin bin = open.trash.open();
    Removal removal = open.tree.removal(bin == null ? Files::deleteIfExists : bin::take);
    try {
      for (CacheUrl url : task.selectors().urls()) {
        removal.remove(url);
      }
      for (HostName host : hosts(task, open.tree)) {
        Selection selection = Selection.wide(task.selectors(), host);
        if (!selection.isEmpty()) {
          removal.remove(host, selection);
        }
      }
    } finally {
      if (bin != null) {
        bin.close();
      }
    }
    removal.finish();
    return done(task, removal.removed(), bin);
  }

  private static boolean covered(CacheTask task, CacheUrl url) {
    return task.covers(url.host())
        && Selection.all(task.selectors(), url.host()).test(url.pathAndQuery());
  }

  /** Those that could have a directory, and with a wildcard those that do. */
  private static Set<HostName> hosts(CacheTask task, ContentTree tree) throws IOException {
    var out = new LinkedHashSet<HostName>(task.selectors().hosts());
    if (task.selectors().spansAllHosts()) {
      for (HostRule rule : task.hosts()) {
        if (rule.wildcard()) {
          tree.hosts().stream().filter(rule::covers).forEach(out::add);
        } else {
          out.add(new HostName(rule.suffix()));
        }
      }
    }
    return out;
  }

  private static CacheReply done(CacheTask task, long objects, Trash.@Nullable Bin bin) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    String code = bin == null ? Codes.DELETED : Codes.SCHEDULED;
    String message = objects + (bin == null ? " files deleted" : " files moved aside");
    if (bin != null) {
      data.put("erasedBy", bin.erasedBy().toString());
    }
    if (task.operation() == Operation.INVALIDATE) {
      code = Codes.WIDENED;
      data.putArray("widened").add("invalidate as purge");
    }
    return new CacheReply.Done(code, objects, message, data.isEmpty() ? null : data);
  }

  @Override
  public Check check(TimeLimit limit) throws InterruptedException {
    return new DirectoryCheck(config.root(), origins).run(limit);
  }
}
