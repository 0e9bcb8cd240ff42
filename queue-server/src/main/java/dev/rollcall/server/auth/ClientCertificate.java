// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The certificate that a client showed, and that one of the authorities vouches for. */
record ClientCertificate(X509Certificate certificate) {
  private static final int DNS = 2;
  private static final int URI = 6;

  /**
   * By what it may be known: the subject's common name, and the alternative names that are host
   * names or URIs; in lower case.
   */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    try {
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
          names.add(name.toLowerCase(Locale.ROOT));
        }
      }
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives) {
        if (List.of(DNS, URI).contains(alternative.get(0))
            && alternative.get(1) instanceof String name) {
          names.add(name.toLowerCase(Locale.ROOT));
        }
      }
    } catch (InvalidNameException | GeneralSecurityException e) {
      names.clear(); // a certificate whose names nobody can read is nobody's
    }
    return names;
  }

  /** By what it is remembered. */
  TokenHash fingerprint() {
    try {
      return TokenHash.of("certificate " + HexFormat.of().formatHex(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A connection, or a session that is taken up again, may outlive the certificate it began with.
   */
  boolean isValidAt(Instant now) {
    try {
      certificate.checkValidity(Date.from(now));
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
