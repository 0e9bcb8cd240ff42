// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys as key stores in memory, without a password. */
public final class PemFiles {
  private static final char[] NO_PASSWORD = new char[0];
  private static final long MOST_BYTES = 1 << 20;

  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  /** By which a key of each algorithm shows that it belongs to a certificate. */
  private static final Map<String, String> SIGNATURES =
      Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "EdDSA", "EdDSA");

  private PemFiles() {}

  /** The password of the key stores. */
  public static char[] password() {
    return NO_PASSWORD.clone();
  }

  /**
   * A certificate with its chain, and its key.
   *
   * @throws PemException also when the key is another certificate's
   */
  public static KeyStore identity(Path certificate, Path key) throws PemException {
    Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
    PrivateKey secret = key(key);
    try {
      if (!belongs(secret, chain[0].getPublicKey())) {
        throw new PemException(key + " is not the key of the certificate in " + certificate);
      }
      KeyStore store = empty();
      store.setKeyEntry("identity", secret, NO_PASSWORD, chain);
      return store;
    } catch (GeneralSecurityException e) {
      throw new PemException(certificate + " with " + key + " cannot be used", e);
    }
  }

  /** Who may vouch for others. */
  public static KeyStore authorities(Path file) throws PemException {
    try {
      KeyStore store = empty();
      int i = 0;
      for (Certificate certificate : certificates(file)) {
        store.setCertificateEntry("authority-" + i++, certificate);
      }
      return store;
    } catch (GeneralSecurityException e) {
      throw new PemException(file + " cannot be used", e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Collection<? extends Certificate> certificates(Path file) throws PemException {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes(file)));
      if (found.isEmpty()) {
        throw new PemException(file + " holds no certificate");
      }
      return found;
    } catch (CertificateException e) {
      throw new PemException(file + " holds no certificate that can be read", e);
    }
  }

  @SuppressWarnings("UnusedException") // whose message might hold a part of the key
  private static PrivateKey key(Path file) throws PemException {
    Matcher pem = PRIVATE_KEY.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
    if (!pem.find()) {
      throw new PemException(
          file
              + " holds no PEM block PRIVATE KEY; openssl pkcs8 -topk8 -nocrypt makes one of other"
              + " forms");
    }
    PKCS8EncodedKeySpec encoded;
    try {
      encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    } catch (IllegalArgumentException e) {
      throw new PemException(file + " holds a key that is cut off");
    }
    return SIGNATURES.keySet().stream()
        .sorted()
        .flatMap(algorithm -> read(algorithm, encoded).stream())
        .findFirst()
        .orElseThrow(() -> new PemException(file + " holds a key of an unknown algorithm"));
  }

  /** Empty when it is a key of another algorithm. */
  private static Optional<PrivateKey> read(String algorithm, PKCS8EncodedKeySpec encoded) {
    try {
      return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(encoded));
    } catch (InvalidKeySpecException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean belongs(PrivateKey key, PublicKey to) throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(to.getAlgorithm())) {
      return false;
    }
    Signature signing = Signature.getInstance(SIGNATURES.getOrDefault(key.getAlgorithm(), "EdDSA"));
    byte[] sample = {1, 2, 3};
    signing.initSign(key);
    signing.update(sample);
    byte[] signature = signing.sign();
    signing.initVerify(to);
    signing.update(sample);
    return signing.verify(signature);
  }

  private static byte[] bytes(Path file) throws PemException {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new PemException(file + " has more than " + MOST_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PemException(file + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new PemException(file + " may not be read by this user", e);
    } catch (IOException e) {
      throw new PemException(file + " cannot be read", e);
    }
  }
}
