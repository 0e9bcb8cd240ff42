// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.exchange.Addresses;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.config.Network;
import dev.rollcall.edge.config.Origin;
import dev.rollcall.edge.execute.ExecutionsToTasks;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an origin may be, with a name service of the test's own and a server on loopback. */
final class OriginAddressTest {
  private static final String CONFIGURATION = "alpha/acme-www";

  @TempDir private Path root;
  private FakeOrigin origin;
  private DirectoryDriver driver;
  private final AtomicInteger lookups = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    origin = new FakeOrigin();
    driver = driver("origin.example", List.of(), List.of());
  }

  @AfterEach
  void stop() throws InterruptedException {
    driver.stop();
    origin.close();
  }

  /**
   * @param networks what the operator allows besides public addresses
   * @param found what the name is found to be, one after the other; the last one from then on
   */
  private void drive(String host, List<String> networks, List<List<String>> found)
      throws IOException {
    driver = driver(host, networks, found);
    driver.start();
  }

  private DirectoryDriver driver(String host, List<String> networks, List<List<String>> found) {
    Addresses.Lookup lookup =
        _ -> {
          int nth = Math.min(lookups.getAndIncrement(), found.size() - 1);
          return found.get(nth).stream().map(InetAddress::ofLiteral).toList();
        };
    List<Network> allowed = networks.stream().map(n -> Network.parse(n).orElseThrow()).toList();
    URI address = URI.create("http://" + host + ":" + origin.port());
    Map<String, Origin> origins = Map.of(CONFIGURATION, new Origin(address, allowed));
    return new DirectoryDriver(
        new CacheConfig.Directory(root, origins, null, 1_000), Instant::now, "this test", lookup);
  }

  private CacheReply load(String target) throws InterruptedException {
    return ExecutionsToTasks.run(driver, Executions.load("c", DirectoryBench.urls(target)).build());
  }

  private void refused(CacheReply reply) {
    assertThat(reply)
        .isInstanceOfSatisfying(
            CacheReply.Rejected.class,
            rejected -> {
              assertThat(rejected.code()).isEqualTo(Codes.ORIGIN_ADDRESS);
              assertThat(rejected.message())
                  .contains("at no public address", "originNetworks")
                  .as("what is inside is not told to who commands")
                  .doesNotContain("127.0.0.1");
            });
    assertThat(origin.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "64:ff9b::127.0.0.1"})
  void a_name_that_leads_to_this_machine_is_never_fetched_from(String address) throws Exception {
    drive("origin.example", List.of(), List.of(List.of(address)));

    refused(load("/a"));
    assertThat(driver.check(() -> Duration.ofSeconds(5)).findings())
        .anyMatch(
            finding -> finding.contains("is not public") && finding.contains("originNetwork"));
  }

  @Test
  void what_was_looked_up_is_what_is_connected_to() throws Exception {
    // Asked again, the name would lead here: who looks up twice passes the check, and gets in.
    drive("origin.example", List.of(), List.of(List.of("10.9.9.9"), List.of("127.0.0.1")));

    refused(load("/a"));
    assertThat(lookups).hasValue(1);
  }

  @Test
  void a_name_that_moves_inside_later_is_not_followed() throws Exception {
    drive(
        "origin.example",
        List.of("127.0.0.1"),
        List.of(List.of("127.0.0.1"), List.of("127.0.0.2")));
    origin.page(
        "/last",
        exchange -> {
          exchange.getResponseHeaders().set("Connection", "close");
          FakeOrigin.answer(exchange, 200, "and no more");
        });
    assertThat(load("/last")).isInstanceOf(CacheReply.Done.class);

    assertThat(load("/b")).extracting("code").isEqualTo(Codes.ORIGIN_ADDRESS);
    assertThat(origin.asked("/b")).isZero();
  }

  @Test
  void of_several_addresses_only_an_admitted_one_is_connected_to() throws Exception {
    drive(
        "origin.example",
        List.of("127.0.0.0/24"),
        List.of(List.of("10.9.9.9", "::1", "127.0.0.1")));

    assertThat(load("/a")).isInstanceOf(CacheReply.Done.class);
  }

  @Test
  void networks_that_the_origin_names_are_fetched_from() throws Exception {
    drive("origin.example", List.of("10.0.0.0/8", "127.0.0.1"), List.of(List.of("127.0.0.1")));

    assertThat(load("/a")).isInstanceOf(CacheReply.Done.class);
    assertThat(driver.check(() -> Duration.ofSeconds(5)).ok()).isTrue();
  }

  @Test
  void an_address_that_the_operator_wrote_is_fetched_from() throws Exception {
    drive("127.0.0.1", List.of(), List.of(List.of("127.0.0.1")));

    assertThat(load("/a")).isInstanceOf(CacheReply.Done.class);
  }

  static Stream<String> inside() {
    return Stream.of("http://127.0.0.1:%d/in", "//127.0.0.1:%d/in", "https://127.0.0.1:%d/in");
  }

  @ParameterizedTest
  @MethodSource("inside")
  void a_redirect_is_never_followed(String location) throws Exception {
    try (var inside = new FakeOrigin()) {
      drive("127.0.0.1", List.of(), List.of(List.of("127.0.0.1")));
      origin.page(
          "/away",
          exchange -> {
            exchange.getResponseHeaders().set("Location", location.formatted(inside.port()));
            FakeOrigin.answer(exchange, 302, "");
          });

      assertThat(load("/away")).extracting("code").isEqualTo("status-302");
      assertThat(inside.asked()).isEmpty();
    }
  }
}
