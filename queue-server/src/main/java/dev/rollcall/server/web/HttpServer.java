// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.config.ListenCheck;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.EventsHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listener: virtual threads, one connector, every failure a problem document. */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** Longer than any poll waits; what no request is under way on ends earlier. */
  static final Duration IDLE = Duration.ofMinutes(2);

  private static final Duration DRAIN = Duration.ofSeconds(5);
  private static final int MAX_HEADER_BYTES = 8 << 10;

  /**
   * Thousands of edges connect at once after a restart; the default of 50 makes them wait for a
   * retry.
   */
  private static final int ACCEPT_BACKLOG = 4_096;

  /** Answers up to here go out in one piece; a buffer is only taken when there is an answer. */
  private static final int ANSWER_BYTES = 32 << 10;

  /** Lets a request through, or throws an {@link ApiException}. */
  @FunctionalInterface
  public interface Gatekeeper {
    void admit(Context ctx, Route route);
  }

  /** What a failure that is no {@link ApiException} means; null: it is a defect. */
  @FunctionalInterface
  public interface Translator {
    @Nullable ApiException translate(Exception e);
  }

  /** Told of requests that were answered 401, 403 or 429. */
  @FunctionalInterface
  public interface RefusalListener {
    void refused(Context ctx, Route route, ApiException why);
  }

  private static final Set<Integer> REFUSALS = Set.of(401, 403, 429);

  private final ServerConfig config;
  private final List<Route> routes;
  private final Gatekeeper gatekeeper;
  private final Translator translator;
  private final Metrics metrics;
  private final Connections connections;
  private final PeriodicTask sweeps;
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean draining;
  private volatile RefusalListener refusals = (ctx, route, why) -> {};
  private @Nullable Javalin javalin;
  private @Nullable TlsFiles tls;

  public HttpServer(
      ServerConfig config,
      List<Route> routes,
      Gatekeeper gatekeeper,
      Translator translator,
      Metrics metrics) {
    this.config = config;
    this.routes = List.copyOf(routes);
    this.gatekeeper = gatekeeper;
    this.translator = translator;
    this.metrics = metrics;
    this.connections = new Connections(Connections.most(), System::nanoTime, metrics);
    this.sweeps = new PeriodicTask("connections", Duration.ofSeconds(1), connections::sweep);
  }

  /**
   * @throws dev.rollcall.server.config.ConfigException when it cannot listen where it is told to
   */
  public void start() {
    tls = config.tls() == null ? null : new TlsFiles(config.tls());
    try {
      javalin = Javalin.create(this::configure).start();
    } catch (JavalinBindException e) {
      throw ListenCheck.refused(config.listen(), e);
    }
    if (tls != null) {
      tls.start();
    }
    metrics.gauge(Meter.HTTP_CONNECTIONS, connections::open);
    sweeps.start();
    LOG.info("listening on {}", baseUri());
  }

  public void onRefused(RefusalListener listener) {
    refusals = listener;
  }

  /** Where it listens, with the port that was picked. */
  public URI baseUri() {
    if (javalin == null) {
      throw new IllegalStateException("not started");
    }
    String host = config.listen().host();
    return URI.create(
        (config.tls() == null ? "http" : "https")
            + "://"
            + (host.contains(":") ? "[" + host + "]" : host)
            + ":"
            + javalin.port());
  }

  private void configure(JavalinConfig javalinConfig) {
    javalinConfig.startup.showJavalinBanner = false;
    javalinConfig.startup.startupWatcherEnabled = false;
    javalinConfig.startup.showOldJavalinVersionWarning = false;
    javalinConfig.concurrency.useVirtualThreads = true;
    javalinConfig.http.prefer405over404 = true;
    javalinConfig.http.compressionStrategy = io.javalin.compression.CompressionStrategy.NONE;
    javalinConfig.router.treatMultipleSlashesAsSingleSlash = false;
    javalinConfig.jetty.modifyHttpConfiguration(HttpServer::limit);
    javalinConfig.jetty.modifyServer(server -> {
      server.setErrorHandler(HttpServer::jettyError);
      server.setHandler(new Exchanges());
    });
    javalinConfig.jetty.addConnector(this::connector);
    for (Route route : routes) {
      add(javalinConfig, route, route.method());
      if (route.method().equals(HandlerType.GET)) {
        add(javalinConfig, route, HandlerType.HEAD);
      }
    }
    javalinConfig.routes.exception(HttpResponseException.class, this::refusedByJavalin);
    javalinConfig.routes.exception(Exception.class, (e, ctx) -> send(ctx, meaning(e, ctx)));
  }

  /** Else Javalin answers HEAD itself wherever there is a GET, with 200 and to everybody. */
  private void add(JavalinConfig javalinConfig, Route route, HandlerType method) {
    javalinConfig.routes.addEndpoint(
        Endpoint.create(method, route.path()).handler(ctx -> serve(ctx, route)));
  }

  private static void limit(HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setSendDateHeader(true);
    http.setOutputBufferSize(ANSWER_BYTES);
    http.setOutputAggregationSize(ANSWER_BYTES);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    http.setUseInputDirectByteBuffers(false); // not kept, see the connector
    http.setUseOutputDirectByteBuffers(false);
    http.setHeaderCacheSize(0); // of each connection: some 80 kB, for as long as it is open
  }

  private Connector connector(Server server, HttpConfiguration http) {
    ServerConnector connector;
    if (tls == null) {
      connector = connector(server, new HttpConnectionFactory(http));
    } else {
      var secure = new HttpConfiguration(http);
      secure.addCustomizer(new SecureRequestCustomizer(false));
      connector =
          connector(
              server,
              new SslConnectionFactory(tls.factory(), "http/1.1"),
              new HttpConnectionFactory(secure));
    }
    connector.setHost(config.listen().host());
    connector.setPort(config.listen().port());
    connector.setAcceptQueueSize(ACCEPT_BACKLOG);
    connector.setIdleTimeout(IDLE.toMillis());
    connector.addBean(connections);
    return connector;
  }

  /**
   * Its buffers are used once. One that came back to a pool twice, as happens to Jetty when
   * connections break off at the wrong moment, would belong to two connections afterwards: the
   * requests of one client would be answered to another.
   */
  private static ServerConnector connector(Server server, ConnectionFactory... protocols) {
    return new ServerConnector(
        server, null, null, new ByteBufferPool.NonPooling(), 1, 1, protocols);
  }

  private void serve(Context ctx, Route route) throws Exception {
    if (draining && !route.isOpen()) {
      ctx.header("Connection", "close");
      throw ApiException.unavailable("This server stops.", 1);
    }
    try {
      if (!route.isOpen()) {
        gatekeeper.admit(ctx, route);
      }
      route.handler().handle(ctx);
    } catch (Exception e) {
      if (e instanceof ApiException api && REFUSALS.contains(api.status())) {
        refusals.refused(ctx, route, api);
      }
      if (!(e instanceof ApiException api && api.status() == 408)) {
        Leftover.discard(ctx);
      }
      throw e;
    }
  }

  /**
   * Sees a request until its answer is written. A route is done earlier: then the answer is not
   * written yet, nor is it known what becomes of an exception.
   */
  private final class Exchanges extends EventsHandler {
    @Override
    protected void onBeforeHandling(Request request) {
      underWay.incrementAndGet();
      connections.begun(request.getConnectionMetaData().getConnection(), request.getId());
    }

    @Override
    protected void onComplete(
        Request request, int status, HttpFields headers, @Nullable Throwable failure) {
      underWay.decrementAndGet();
      connections.ended(request.getConnectionMetaData().getConnection(), request.getId());
      metrics.counter(Meter.HTTP_RESPONSES, "status", status / 100 + "xx").increment();
    }
  }

  private void refusedByJavalin(HttpResponseException e, Context ctx) {
    int status = e.getStatus();
    String detail =
        switch (status) {
          case 404 -> "There is nothing at " + Problems.shown(ctx.path()) + ".";
          case 405 -> ctx.method() + " is not allowed at " + Problems.shown(ctx.path()) + ".";
          default -> HttpStatus.getMessage(status) + ".";
        };
    if (status == 405) {
      ctx.header("Allow", String.join(", ", e.getDetails().values()));
    }
    send(ctx, ApiException.of(status, ProblemBody.codeFor(status), detail));
  }

  private ApiException meaning(Exception e, Context ctx) {
    if (e instanceof ApiException api) {
      return api;
    }
    if (e instanceof InvalidDocumentException invalid) {
      return ApiException.invalid(invalid.problems());
    }
    ApiException translated = translator.translate(e);
    if (translated != null) {
      return translated;
    }
    LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
    return ApiException.of(500, "internal", "The server failed; its log says why.");
  }

  private static void send(Context ctx, ApiException e) {
    if (e.retryAfterSeconds() != null) {
      ctx.header("Retry-After", String.valueOf(e.retryAfterSeconds()));
    }
    if (e.status() == 401) {
      ctx.header("WWW-Authenticate", "Bearer");
    }
    ctx.status(e.status()).contentType(ProblemBody.MEDIA_TYPE).result(ProblemBody.bytes(e));
  }

  /** What never reached a route: a malformed request line, headers that are too large. */
  private static boolean jettyError(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, ProblemBody.MEDIA_TYPE);
    var problem =
        ApiException.of(status, ProblemBody.codeFor(status), HttpStatus.getMessage(status) + ".");
    response.write(true, ByteBuffer.wrap(ProblemBody.bytes(problem)), callback);
    return true;
  }

  /** Refuses new requests and waits, for some seconds, for those under way. */
  public void drain() {
    draining = true;
    long end = System.nanoTime() + DRAIN.toNanos();
    while (underWay.get() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
    if (underWay.get() > 0) {
      LOG.warn("{} requests are cut off", underWay.get());
    }
  }

  @Override
  public void close() {
    sweeps.close();
    if (tls != null) {
      tls.close();
    }
    if (javalin != null) {
      javalin.stop();
      javalin = null;
    }
  }
}
