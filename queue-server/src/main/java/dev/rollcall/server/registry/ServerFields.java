// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is said of a server, wherever it is said, by the rules of a manifest. */
public final class ServerFields {
  private ServerFields() {}

  /** The field {@code name}, which is required. */
  public static @Nullable String name(Fields fields) {
    return ManifestReader.name(fields, ManifestReader.DOTTED_NAME);
  }

  public static @Nullable String region(Fields fields) {
    return ManifestReader.region(fields);
  }

  public static Map<String, String> labels(Fields fields, Problems problems) {
    return new ManifestReader(problems).labels(fields);
  }
}
