// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that vouch for themselves, made by the JDK's keytool, as PEM files of a test. */
public final class Certificates {
  private static final String PASSWORD = "changeit";

  private final Path directory;

  public Certificates(Path directory) {
    this.directory = directory;
  }

  /**
   * @param extension for keytool, such as {@code san=ip:127.0.0.1}
   */
  public void make(String alias, String extension) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
    command.addAll(List.of("-ext", extension, "-keyalg", "EC", "-validity", "30"));
    command.addAll(List.of("-keystore", directory.resolve("all.p12").toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(said);
    }
    KeyStore store = store();
    write(certificate(alias), "CERTIFICATE", certificateOf(store, alias).getEncoded());
    write(key(alias), "PRIVATE KEY", store.getKey(alias, PASSWORD.toCharArray()).getEncoded());
  }

  public Path certificate(String alias) {
    return directory.resolve(alias + ".crt");
  }

  public Path key(String alias) {
    return directory.resolve(alias + ".key");
  }

  /** Puts the files of one where those of another were. */
  public void replace(String alias, String by) throws IOException {
    move(certificate(by), certificate(alias));
    move(key(by), key(alias));
  }

  private void move(Path from, Path to) throws IOException {
    Path fresh = Files.copy(from, directory.resolve("fresh"), StandardCopyOption.REPLACE_EXISTING);
    Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A server's TLS that shows one and accepts others of clients. */
  public SSLContext server(String alias, String... clients) throws Exception {
    KeyStore all = store();
    KeyStore own = empty();
    char[] password = PASSWORD.toCharArray();
    own.setKeyEntry(alias, all.getKey(alias, password), password, all.getCertificateChain(alias));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, password);
    KeyStore trusted = empty();
    for (String client : clients) {
      trusted.setCertificateEntry(client, certificateOf(all, client));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), clients.length == 0 ? null : trust.getTrustManagers(), null);
    return tls;
  }

  private static java.security.cert.Certificate certificateOf(KeyStore store, String alias)
      throws GeneralSecurityException {
    return Objects.requireNonNull(store.getCertificate(alias));
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private KeyStore store() throws GeneralSecurityException, IOException {
    return KeyStore.getInstance(directory.resolve("all.p12").toFile(), PASSWORD.toCharArray());
  }

  private static void write(Path file, String kind, byte[] content) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----%n%s%n-----END %s-----%n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind));
  }
}
