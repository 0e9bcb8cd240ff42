// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.tls.PemException;
import dev.rollcall.protocol.tls.PemFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * PEM files for the connection to the queue server.
 *
 * @param authorities who vouches for the queue server; null: those this Java trusts
 * @param certificate what this server shows of itself; null: nothing
 * @param key of the certificate
 */
public record TlsFiles(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
  public static final TlsFiles NONE = new TlsFiles(null, null, null);

  /** Those that are set. */
  public List<Path> all() {
    return Stream.of(authorities, certificate, key).filter(Objects::nonNull).toList();
  }

  /** Notes a problem for each that is missing or cannot be used. */
  static TlsFiles read(Fields fields) {
    Path authorities = ConfigReader.path(fields, "caFile");
    Path certificate = ConfigReader.path(fields, "certificateFile");
    Path key = ConfigReader.path(fields, "keyFile");
    if (fields.has("certificateFile") != fields.has("keyFile")) {
      fields.problem(
          fields.has("keyFile") ? "certificateFile" : "keyFile",
          "is missing; certificate and key go together");
    }
    try {
      if (authorities != null) {
        PemFiles.authorities(authorities);
      }
    } catch (PemException e) {
      fields.problem("caFile", String.valueOf(e.getMessage()));
    }
    try {
      if (certificate != null && key != null) {
        PemFiles.identity(certificate, key);
      }
    } catch (PemException e) {
      fields.problem("certificateFile", String.valueOf(e.getMessage()));
    }
    return new TlsFiles(authorities, certificate, key);
  }
}
