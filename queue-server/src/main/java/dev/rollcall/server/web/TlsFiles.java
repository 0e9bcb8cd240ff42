// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import dev.rollcall.protocol.tls.FileMarks;
import dev.rollcall.protocol.tls.PemException;
import dev.rollcall.protocol.tls.PemFiles;
import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig.Tls;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificate and the authorities of its clients. Files that change are taken for the
 * connections that are made from then on; files that cannot be used change nothing. Thread-safe.
 */
final class TlsFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Forward secrecy and authenticated encryption, or no connection. */
  private static final String[] SUITES = {
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)"
  };

  private final Tls tls;
  private final SslContextFactory.Server factory = new SslContextFactory.Server();
  private final PeriodicTask watch = new PeriodicTask("tls", INTERVAL, this::look);
  private FileMarks marks;

  /**
   * @throws ConfigException when the files cannot be used
   */
  TlsFiles(Tls tls) {
    this.tls = tls;
    this.marks = FileMarks.of(files());
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    factory.setExcludeCipherSuites();
    factory.setIncludeCipherSuites(SUITES);
    factory.setRenegotiationAllowed(false);
    factory.setKeyStorePassword(new String(PemFiles.password()));
    factory.setWantClientAuth(tls.clientCa() != null);
    try {
      use(factory, read());
    } catch (PemException e) {
      throw new ConfigException(List.of(String.valueOf(e.getMessage())));
    }
  }

  /** What the files hold. */
  private record Content(KeyStore identity, @Nullable KeyStore authorities) {}

  private Content read() throws PemException {
    Path clientCa = tls.clientCa();
    return new Content(
        PemFiles.identity(tls.certificate(), tls.key()),
        clientCa == null ? null : PemFiles.authorities(clientCa));
  }

  private static void use(SslContextFactory.Server factory, Content content) {
    factory.setKeyStore(content.identity());
    if (content.authorities() != null) {
      factory.setTrustStore(content.authorities());
    }
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(tls.certificate(), tls.key()));
    if (tls.clientCa() != null) {
      files.add(tls.clientCa());
    }
    return files;
  }

  SslContextFactory.Server factory() {
    return factory;
  }

  void start() {
    watch.start();
  }

  private void look() {
    FileMarks now = FileMarks.of(files());
    if (now.equals(marks)) {
      return;
    }
    marks = now;
    try {
      Content content = read();
      factory.reload(reloaded -> use(factory, content));
      LOG.info("new certificates were taken from {}", files());
    } catch (PemException e) {
      LOG.warn("the certificates stay as they were: {}", e.getMessage());
    } catch (Exception e) {
      LOG.error("the certificates could not be taken from {}", files(), e);
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
