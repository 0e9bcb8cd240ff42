// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Certificate and key from PEM files (RFC 7468), as a key store in memory. */
final class PemFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PemFiles.class);

  static final char[] NO_PASSWORD = new char[0];

  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private PemFiles() {}

  static KeyStore keyStore(Tls tls) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key(tls.key()), NO_PASSWORD, chain(tls.certificate()));
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new ConfigException(
          List.of("certificate " + tls.certificate() + " with key " + tls.key() + ": " + e));
    }
  }

  private static Certificate[] chain(Path file) throws GeneralSecurityException, IOException {
    var chain =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
    if (chain.isEmpty()) {
      throw new ConfigException(List.of(file + " holds no certificate"));
    }
    return chain.toArray(Certificate[]::new);
  }

  private static PrivateKey key(Path file) throws GeneralSecurityException, IOException {
    Matcher pem = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new ConfigException(
          List.of(
              file
                  + " holds no PEM block PRIVATE KEY; openssl pkcs8 -topk8 -nocrypt makes one of"
                  + " other forms"));
    }
    var encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException e) {
        LOG.debug("the key is no {} key", algorithm);
      }
    }
    throw new ConfigException(List.of(file + " holds a key of an unknown algorithm"));
  }
}
