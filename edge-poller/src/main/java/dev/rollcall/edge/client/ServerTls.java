// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import dev.rollcall.edge.config.TlsFiles;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.tls.FileMarks;
import dev.rollcall.protocol.tls.PemException;
import dev.rollcall.protocol.tls.PemFiles;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client trusts and what it shows of itself, as the files say. Files that cannot be used
 * change nothing. Confined to who holds the client's lock.
 */
final class ServerTls {
  private static final Log LOG = Log.of("client");

  private final TlsFiles files;
  private FileMarks marks;

  ServerTls(TlsFiles files) {
    this.files = files;
    this.marks = new FileMarks(List.of());
  }

  /**
   * What the files say, if they changed since the last time or were not looked at yet; else null. A
   * context of its own for each state of the files: one that is used on takes up old sessions, with
   * the old certificate in them.
   */
  @Nullable SSLContext ifChanged() {
    FileMarks now = FileMarks.of(files.all());
    if (files.all().isEmpty() || now.equals(marks)) {
      return null;
    }
    boolean first = marks.marks().isEmpty();
    marks = now;
    try {
      SSLContext context = context();
      if (!first) {
        LOG.info("certificates taken anew", "files", files.all());
      }
      return context;
    } catch (PemException e) {
      LOG.warn("certificates stay as they were", "reason", e.getMessage());
      return first ? nobody() : null;
    }
  }

  /** Better no connection than one to whom the files do not name. */
  private static SSLContext nobody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private SSLContext context() throws PemException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(), trust().getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private KeyManager @Nullable [] keys() throws GeneralSecurityException, PemException {
    Path certificate = files.certificate();
    Path key = files.key();
    if (certificate == null || key == null) {
      return null;
    }
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(PemFiles.identity(certificate, key), PemFiles.password());
    return keys.getKeyManagers();
  }

  private TrustManagerFactory trust() throws GeneralSecurityException, PemException {
    Path authorities = files.authorities();
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities == null ? (KeyStore) null : PemFiles.authorities(authorities));
    return trust;
  }
}
