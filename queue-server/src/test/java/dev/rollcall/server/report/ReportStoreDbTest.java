// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rollcall.protocol.json.Problem;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ReportStoreDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private List<Problem> problems(String report, Map<String, String> values) {
    var address = new DatabaseAddress(database.get().jdbcUrl(), null, null);
    try (Pool pool = Pool.open(address, Pool.Purpose.REPORT, 1)) {
      var store = new ReportStore(pool);
      ReportFile file = requireNonNull(store.find(report));
      var refused = catchThrowableOfType(ApiException.class, () -> store.run(file, values));
      return refused == null ? List.of() : refused.errors();
    }
  }

  @Test
  void a_value_that_is_not_of_its_type_is_named_with_its_parameter() {
    for (String value : new String[] {"abc", "1.5", "99999999999", ""}) {
      assertThat(problems("servers_silent", Map.of("seconds", value)))
          .containsExactly(
              new Problem(
                  "/query/seconds",
                  "is \"" + value + "\"; needed: int, how long a server may be silent"));
    }
    assertThat(problems("servers_silent", Map.of("seconds", "60"))).isEmpty();
  }
}
