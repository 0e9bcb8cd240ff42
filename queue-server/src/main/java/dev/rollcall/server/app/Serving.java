// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.db.Schema;
import dev.rollcall.server.db.embedded.EmbeddedException;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server from its start until the process is told to end. Apart from {@link ServeCommand}, which
 * must not have a logger before it knows how much is to be logged.
 */
final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);
  private static final long STOP_SECONDS = 10;

  private Serving() {}

  /**
   * Answers the exit status.
   *
   * @param err for the person who started it
   */
  static int run(ServerConfig config, PrintWriter err) {
    var told = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> tellAndWait(told, stopped), "rollcall-stop"));
    boolean ran = false;
    try (Server server = Server.start(config)) {
      ran = true;
      LOG.info("ready at {}", server.baseUri());
      told.await();
      LOG.info("stopping");
    } catch (ConfigException | EmbeddedException | Schema.SchemaException e) {
      err.println("The server cannot start: " + e.getMessage());
      LOG.debug("because", e);
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      if (ran) {
        LOG.info("stopped");
      }
      stopped.countDown();
    }
    return 0;
  }

  /**
   * Run when the process is told to end. A stop that was asked for and was clean ends it with
   * status 0; one that ended by itself keeps its own status.
   */
  private static void tellAndWait(CountDownLatch told, CountDownLatch stopped) {
    if (stopped.getCount() == 0) {
      return;
    }
    told.countDown();
    try {
      if (stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(0);
      }
      LOG.error("not stopped after {} s", STOP_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
