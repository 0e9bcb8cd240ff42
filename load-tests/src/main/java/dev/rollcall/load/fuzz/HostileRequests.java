// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/** Bytes that are sent as they are: what HTTP or JSON does not allow, or hardly. Thread-safe. */
final class HostileRequests {
  private static final List<String> PATHS =
      List.of(
          "/v1/commands",
          "/v1/registry",
          "/v1/edge/poll",
          "/v1/edge/results",
          "/v1/tokens",
          "/v1/join-tokens",
          "/v1/edge/enroll",
          "/v1/participants/one/servers/s2",
          "/v1/participants/one/configurations/www/deployments",
          "/v1/holds/h");

  private static final Pattern PUT = Pattern.compile("/v1/(registry|participants/.*|holds/.*)");

  private final long seed;
  private final List<String> tokens;

  HostileRequests(long seed, List<String> tokens) {
    this.seed = seed;
    this.tokens = List.copyOf(tokens);
  }

  /**
   * What is sent.
   *
   * @param is what it would be if it were taken for one
   */
  record Hostile(FuzzRequest is, byte[] bytes) {}

  Hostile number(int number) {
    var random = new SplittableRandom(seed * 999_983 + number);
    String path = PATHS.get(random.nextInt(PATHS.size()));
    String method = PUT.matcher(path).matches() ? "PUT" : "POST";
    int caller = path.contains("edge") ? tokens.size() - 3 + random.nextInt(3) : random.nextInt(2);
    byte[] bytes = bytes(random, method + " " + path, tokens.get(caller));
    return new Hostile(new FuzzRequest("", method, path, caller, Map.of(), bytes), bytes);
  }

  private static byte[] bytes(SplittableRandom random, String start, String token) {
    String host = "Host: x\r\nConnection: close\r\nAuthorization: Bearer " + token + "\r\n";
    String json = host + "Content-Type: application/json\r\n";
    return switch (random.nextInt(16)) {
      case 0 -> whole(start, json, deep("[", "]", 1_000 + random.nextInt(50_000)));
      case 1 -> whole(start, json, deep("{\"a\":", "}", 1_000 + random.nextInt(20_000)));
      case 2 -> whole(start, json, noise(random, 1 + random.nextInt(5_000)));
      case 3 -> whole(start, json, withNoise(random));
      case 4 -> text(start + " HTTP/1.1\r\n" + json + "Content-Length: 1000000000\r\n\r\n{");
      case 5 -> text(start + " HTTP/1.1\r\n" + json + "Content-Length: -1\r\n\r\n{}");
      case 6 ->
          text(
              start + " HTTP/1.1\r\n" + json + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x");
      case 7 ->
          text(
              start
                  + " HTTP/1.1\r\n"
                  + json
                  + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nfffffffff\r\n{}\r\n");
      case 8 -> whole(start + "/%00%c0%ae%c0%ae/../x?%", json, bytes("{}"));
      case 9 -> whole(start + "?a=" + "b".repeat(random.nextInt(20_000)), json, bytes("{}"));
      case 10 ->
          whole(start, json + "X: " + "y".repeat(random.nextInt(20_000)) + "\r\n", bytes("{}"));
      case 11 ->
          whole(start, host.replace(token, token + "\u0001") + "Bad Header\r\n", bytes("{}"));
      case 12 -> noise(random, 1 + random.nextInt(2_000));
      case 13 -> whole(start, json, bytes("{\"capacity\": 1" + "0".repeat(5_000) + "}"));
      case 14 -> whole(start, json, bytes("{\"operation\": \"purge\", \"operation\": \"load\"}"));
      default ->
          whole(
              start,
              host + "Content-Type: application/yaml\r\n",
              bytes("a: &a [" + "*a,".repeat(random.nextInt(9_000)) + "]\nb: !!java.io.File [x]"));
    };
  }

  private static byte[] whole(String start, String headers, byte[] body) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        text(start + " HTTP/1.1\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n"));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] deep(String open, String close, int levels) {
    return bytes(open.repeat(levels) + close.repeat(levels));
  }

  private static byte[] noise(SplittableRandom random, int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  /** A command with bytes turned over. */
  private static byte[] withNoise(SplittableRandom random) {
    byte[] command =
        bytes(
            "{\"operation\": \"purge\", \"target\": {\"configuration\": \"one/www\"},"
                + " \"parameters\": {\"urls\": [\"https://www.one.example/\u00e4\"]}}");
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      command[random.nextInt(command.length)] = (byte) random.nextInt(256);
    }
    return command;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
