// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.Loads;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.edge.cache.exchange.BodySink;
import dev.rollcall.edge.cache.exchange.HttpPeer;
import dev.rollcall.edge.cache.exchange.NotAdmittedException;
import dev.rollcall.edge.cache.exchange.Reply;
import dev.rollcall.edge.cache.exchange.Request;
import dev.rollcall.edge.telemetry.IoReason;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.selector.CacheUrl;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Fetches objects into the tree. Thread-safe. */
final class OriginFetch {
  /** A purge can come during each fetch; who is purged that often is not worth loading. */
  private static final int MOST_FETCHES = 3;

  private static final Log LOG = Log.of("directory");

  private final ContentTree tree;
  private final LoadsUnderWay underWay;
  private final long maxObjectBytes;

  OriginFetch(ContentTree tree, LoadsUnderWay underWay, long maxObjectBytes) {
    this.tree = tree;
    this.underWay = underWay;
    this.maxObjectBytes = maxObjectBytes;
  }

  Loads.Load load(CacheUrl url, HttpPeer origin, TimeLimit limit) throws InterruptedException {
    if (!tree.fits(url)) {
      return Loads.Load.failed(url, Codes.UNSUPPORTED, "too long for a file's path", false);
    }
    try {
      for (int i = 0; i < MOST_FETCHES; i++) {
        Loads.Load load = once(url, origin, limit);
        if (load != null) {
          return load;
        }
      }
      return Loads.Load.failed(url, "purged", "was purged while it was being fetched", true);
    } catch (BodySink.TooLargeException e) {
      String message = "has more than " + maxObjectBytes + " bytes";
      return Loads.Load.failed(url, Codes.TOO_LARGE, message, false);
    } catch (ContentTree.LinkException e) {
      return Loads.Load.failed(url, Codes.SYMBOLIC_LINK, String.valueOf(e.getMessage()), true);
    } catch (SocketTimeoutException e) {
      String message = "the origin " + origin.address() + " does not answer in time";
      return Loads.Load.failed(url, Codes.TIMEOUT, message, true);
    } catch (FileSystemException e) {
      return Loads.Load.failed(url, Codes.IO_ERROR, "cannot be written: " + IoReason.of(e), true);
    } catch (NotAdmittedException e) {
      LOG.warn(
          "an origin is where none may be", "origin", origin.address(), "reason", e.getMessage());
      String message =
          "the origin "
              + origin.address()
              + " is at no public address, and originNetworks here names none of its own";
      return new Loads.Load(url, new CacheReply.Rejected(Codes.ORIGIN_ADDRESS, message));
    } catch (IOException e) {
      String message = "the origin " + origin.address() + ": " + e.getMessage();
      return Loads.Load.failed(url, Codes.UNREACHABLE, message, true);
    }
  }

  /** Null when a purge came in between. */
  private Loads.@org.jspecify.annotations.Nullable Load once(
      CacheUrl url, HttpPeer origin, TimeLimit limit) throws IOException, InterruptedException {
    Path file = tree.own("tmp").resolve(UUID.randomUUID().toString());
    LoadsUnderWay.Load load = underWay.begin(url);
    try {
      Reply reply = fetch(url, origin, file, limit);
      if (reply.status() < 200 || reply.status() > 299 || reply.status() == 206) {
        String code = Codes.status(reply.status());
        return Loads.Load.failed(url, code, "status " + reply.status(), true);
      }
      return tree.place(file, url, () -> !load.purged()) ? Loads.Load.done(url) : null;
    } finally {
      underWay.end(load);
      Files.deleteIfExists(file);
    }
  }

  private Reply fetch(CacheUrl url, HttpPeer origin, Path file, TimeLimit limit)
      throws IOException, InterruptedException {
    Request request = Request.get(url.pathAndQuery(), url.host().name());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Reply reply =
          origin.exchange(
              request,
              (bytes, from, length) -> {
                if (channel.position() + length > maxObjectBytes) {
                  throw new BodySink.TooLargeException();
                }
                write(channel, file, ByteBuffer.wrap(bytes, from, length));
              },
              limit);
      channel.force(true); // its name must not outlive its content
      return reply;
    }
  }

  /** A full disk is no fault of the origin's, and only the kind of exception tells them apart. */
  static void write(FileChannel channel, Path file, ByteBuffer piece) throws FileSystemException {
    try {
      while (piece.hasRemaining()) {
        channel.write(piece);
      }
    } catch (IOException e) {
      var failure = new FileSystemException(file.toString(), null, e.getMessage());
      failure.initCause(e);
      throw failure;
    }
  }
}
