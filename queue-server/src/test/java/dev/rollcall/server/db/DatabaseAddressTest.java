// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DatabaseAddressTest {
  private static DatabaseAddress address(String url) {
    return new DatabaseAddress(url, "user", "secret");
  }

  @Test
  void what_may_be_a_password_is_not_shown() {
    assertThat(address("jdbc:postgresql://host:5432/db?user=a@b&password=hunter2"))
        .hasToString("jdbc:postgresql://host:5432/db");
    assertThat(address("jdbc:postgresql://foo:hunter2@host/db?a=b"))
        .hasToString("jdbc:postgresql://host/db");
    assertThat(address("jdbc:postgresql://host/db")).hasToString("jdbc:postgresql://host/db");
  }

  @Test
  void a_message_that_holds_the_url_is_shown_without_it() {
    assertThat(
            address("jdbc:postgresql://h:99999/db?password=hunter2")
                .redacted(
                    "Unable to parse URL jdbc:postgresql://h:99999/db?password=hunter2, sorry"))
        .isEqualTo("Unable to parse URL jdbc:postgresql://h:99999/db, sorry");
  }
}
