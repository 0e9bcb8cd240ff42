// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** An authority and what it issues, made by the JDK's keytool, in a directory of a test. */
final class Certificates {
  private static final String PASSWORD = "changeit";

  private final Path directory;
  private final String authority;

  /**
   * @param authority its name, and that of its files
   */
  Certificates(Path directory, String authority) {
    this.directory = directory;
    this.authority = authority;
    keytool("-genkeypair", "-alias", authority, "-dname", "CN=" + authority, "-ext", "bc:c");
    write(authority + ".pem", exported(authority));
  }

  /** The authority's own certificate. */
  Path authority() {
    return directory.resolve(authority + ".pem");
  }

  /**
   * Issues a certificate and its key.
   *
   * @param extension for keytool, such as {@code san=ip:127.0.0.1}; empty: none
   */
  void issue(String alias, String commonName, String extension) {
    issue(alias, commonName, extension, List.of());
  }

  /** Issues one that is valid for some seconds more. */
  void issueFor(int seconds, String alias, String commonName) {
    issue(alias, commonName, "", List.of("-startdate", "-1d+" + seconds + "S", "-validity", "1"));
  }

  private void issue(String alias, String commonName, String extension, List<String> validity) {
    keytool("-genkeypair", "-alias", alias, "-dname", "CN=" + commonName);
    Path request = directory.resolve(alias + ".csr");
    keytool("-certreq", "-alias", alias, "-file", request.toString());
    List<String> issuing =
        new ArrayList<>(List.of("-gencert", "-alias", authority, "-infile", request.toString()));
    issuing.addAll(List.of("-outfile", directory.resolve(alias + ".der").toString()));
    issuing.addAll(validity);
    if (!extension.isEmpty()) {
      issuing.addAll(List.of("-ext", extension));
    }
    keytool(issuing.toArray(String[]::new));
    keytool("-importcert", "-alias", alias, "-file", directory.resolve(alias + ".der").toString());
    write(certificate(alias).getFileName().toString(), exported(alias));
    try {
      byte[] key = store().getKey(alias, PASSWORD.toCharArray()).getEncoded();
      write(key(alias).getFileName().toString(), pem("PRIVATE KEY", key));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  Path certificate(String alias) {
    return directory.resolve(alias + ".crt");
  }

  Path key(String alias) {
    return directory.resolve(alias + ".key");
  }

  /** Puts one issued pair where another one was, first the certificate and then the key. */
  void replace(String alias, String by) {
    try {
      for (boolean key : new boolean[] {false, true}) {
        Path to = key ? key(alias) : certificate(alias);
        Path fresh = directory.resolve("fresh");
        Files.copy(key ? key(by) : certificate(by), fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A client's TLS that trusts this authority, and shows what it issued. */
  SSLContext client(@Nullable String alias) {
    return client(alias, this);
  }

  /** A client's TLS that trusts another authority, and shows what this one issued. */
  SSLContext client(@Nullable String alias, Certificates trustedOne) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", trustedOne.store().getCertificate(trustedOne.authority));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(
          alias == null ? null : new KeyManager[] {new Insistent(alias, identity(alias))},
          trust.getTrustManagers(),
          null);
      return tls;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Shows its certificate also to who does not know the authority. */
  private static final class Insistent extends X509ExtendedKeyManager {
    private final String alias;
    private final X509KeyManager identity;

    Insistent(String alias, KeyManagerFactory identity) {
      this.alias = alias;
      this.identity = (X509KeyManager) identity.getKeyManagers()[0];
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {alias};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return alias;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return alias;
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String named) {
      return identity.getCertificateChain(named);
    }

    @Override
    public PrivateKey getPrivateKey(String named) {
      return identity.getPrivateKey(named);
    }
  }

  private KeyManagerFactory identity(String alias) throws GeneralSecurityException, IOException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    KeyStore all = store();
    own.setKeyEntry(
        alias,
        all.getKey(alias, PASSWORD.toCharArray()),
        PASSWORD.toCharArray(),
        all.getCertificateChain(alias));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD.toCharArray());
    return keys;
  }

  private KeyStore store() {
    try {
      return KeyStore.getInstance(
          directory.resolve(authority + ".p12").toFile(), PASSWORD.toCharArray());
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private String exported(String alias) {
    try {
      return pem("CERTIFICATE", Objects.requireNonNull(store().getCertificate(alias)).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String pem(String kind, byte[] content) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind);
  }

  private void write(String name, String content) {
    try {
      Files.writeString(directory.resolve(name), content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void keytool(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", directory.resolve(authority + ".p12").toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-noprompt"));
    if (arguments[0].equals("-genkeypair")) {
      command.addAll(List.of("-keyalg", "EC", "-validity", "30"));
    }
    command.add("-J-Duser.language=en");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + ": " + said);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
