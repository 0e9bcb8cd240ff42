// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.web.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code serve} says when it cannot start. */
final class ServeCommandTest {
  private final StringWriter err = new StringWriter();

  @TempDir private Path temp;

  private int serve(Map<String, String> environment, String... arguments) {
    CommandLine line = ServeCommand.line(environment);
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  void a_port_in_use_is_told_in_one_line_before_anything_is_made() throws Exception {
    Path data = temp.resolve("data");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String listen = "127.0.0.1:" + taken.getLocalPort();

      assertThat(serve(Map.of(), "--data", data.toString(), "--listen", listen)).isEqualTo(1);

      assertThat(err.toString().lines())
          .singleElement()
          .asString()
          .contains("--listen / ROLLCALL_LISTEN")
          .contains('"' + listen + '"')
          .contains("Address already in use")
          .contains("name another port")
          .doesNotContain("Exception");
      assertThat(data).doesNotExist();
    }
  }

  @Test
  void a_port_that_is_taken_during_the_start_is_told_in_the_same_words() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var metrics = new Metrics()) {
      String listen = "127.0.0.1:" + taken.getLocalPort();
      var config = ServerConfig.read(Map.of("listen", listen), Map.of());
      try (var http = new HttpServer(config, List.of(), (ctx, route) -> {}, e -> null, metrics)) {
        assertThatExceptionOfType(ConfigException.class)
            .isThrownBy(http::start)
            .withMessageStartingWith("--listen / ROLLCALL_LISTEN is \"" + listen + "\"")
            .withMessageContaining("Address already in use");
      }
    }
  }

  @Test
  void an_address_of_another_machine_is_told_apart_from_a_port_in_use() {
    int status =
        serve(
            Map.of(),
            "--insecure-listen",
            "--listen",
            "192.0.2.1:8080",
            "--data",
            temp.resolve("data").toString());

    assertThat(status).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("192.0.2.1:8080")
        .contains("name an address of this machine");
  }

  @Test
  void a_directory_of_somebody_elses_is_told_in_one_line() throws Exception {
    Files.createFile(temp.resolve("somebody-elses"));

    int status = serve(Map.of(), "--data", temp.toString(), "--listen", "127.0.0.1:0");

    assertThat(status).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains(temp.toString())
        .contains("--data");
    assertThat(temp.resolve("lock")).doesNotExist();
  }
}
