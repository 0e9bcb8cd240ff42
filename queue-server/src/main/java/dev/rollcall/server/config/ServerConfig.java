// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code queue-server serve} runs with.
 *
 * @param listen where it accepts connections
 * @param database which PostgreSQL it uses
 * @param adminToken an operator's token that is valid from the start; null: none given
 * @param tls null: clear text
 * @param retentionDays for how many days ended commands are kept
 * @param auditDays for how many days the audit record is kept
 * @param limits how much callers may ask
 * @param logLevel how much is logged
 */
public record ServerConfig(
    Listen listen,
    Database database,
    @Nullable String adminToken,
    @Nullable Tls tls,
    int retentionDays,
    int auditDays,
    Limits limits,
    String logLevel) {
  static final Setting LISTEN =
      new Setting(
          "listen", "127.0.0.1:8080", Setting.Kind.VALUE, "Address and port; port 0 picks one");
  static final Setting INSECURE_LISTEN =
      new Setting(
          "insecure-listen",
          null,
          Setting.Kind.SWITCH,
          "Listen without TLS on an address that is not loopback");
  public static final Setting DATABASE_URL =
      new Setting(
          "database-url",
          null,
          Setting.Kind.VALUE,
          "jdbc:postgresql: URL of a PostgreSQL 15 to 18; without it an embedded one is used");
  static final Setting DATABASE_PASSWORD =
      new Setting("database-password", null, Setting.Kind.SECRET, "Password for database-url");
  static final Setting DATABASE_CONNECTIONS =
      new Setting(
          "database-connections",
          "16",
          Setting.Kind.VALUE,
          "Most connections to the database, 8 to 200");
  static final Setting MIGRATE_ON_START =
      new Setting(
          "migrate-on-start",
          null,
          Setting.Kind.SWITCH,
          "Bring the schema of database-url up to date before serving");
  public static final Setting DATA =
      new Setting(
          "data",
          "./rollcall-data",
          Setting.Kind.VALUE,
          "Directory of the embedded PostgreSQL and the first token");
  static final Setting ADMIN_TOKEN =
      new Setting(
          "admin-token",
          null,
          Setting.Kind.SECRET,
          "An operator's token, 32 characters or more, valid from the start");
  static final Setting RETENTION_DAYS =
      new Setting(
          "retention-days",
          "30",
          Setting.Kind.VALUE,
          "Days for which ended commands and their results are kept, 1 to 3650");
  static final Setting AUDIT_DAYS =
      new Setting(
          "audit-days",
          "400",
          Setting.Kind.VALUE,
          "Days for which the audit record is kept, 1 to 3650");
  static final Setting TLS_CERTIFICATE =
      new Setting(
          "tls-certificate",
          null,
          Setting.Kind.VALUE,
          "PEM file with the server's certificate chain");
  static final Setting TLS_KEY =
      new Setting(
          "tls-key",
          null,
          Setting.Kind.VALUE,
          "PEM file with its private key (PKCS #8, not encrypted)");
  static final Setting TLS_CLIENT_CA =
      new Setting(
          "tls-client-ca",
          null,
          Setting.Kind.VALUE,
          "PEM file with the authorities whose client certificates are accepted");

  static final Setting LOG_LEVEL =
      new Setting(
          "log-level",
          "INFO",
          Setting.Kind.VALUE,
          "How much is logged: OFF, ERROR, WARN, INFO, DEBUG or TRACE");

  /** All settings, in the order of the help. */
  public static final List<Setting> SETTINGS =
      List.of(
          LISTEN,
          INSECURE_LISTEN,
          TLS_CERTIFICATE,
          TLS_KEY,
          TLS_CLIENT_CA,
          DATABASE_URL,
          DATABASE_PASSWORD,
          DATABASE_CONNECTIONS,
          MIGRATE_ON_START,
          DATA,
          RETENTION_DAYS,
          AUDIT_DAYS,
          Limits.REQUESTS_PER_MINUTE,
          Limits.EDGE_REQUESTS_PER_MINUTE,
          Limits.MAX_PENDING_PER_SERVER,
          Limits.MAX_PENDING_PER_PARTICIPANT,
          LOG_LEVEL,
          ADMIN_TOKEN);

  /** The settings that say where the database is; for the subcommands that need only that. */
  public static final List<Setting> DATABASE_SETTINGS =
      List.of(DATABASE_URL, DATABASE_PASSWORD, DATA);

  private static final int MIN_ADMIN_TOKEN = 32;
  private static final List<String> LOG_LEVELS =
      List.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE");
  private static final Pattern HOST_PORT = Pattern.compile("(.+):(\\d{1,5})|\\[(.+)]:(\\d{1,5})");

  /** An address and a port; port 0 picks one. */
  public record Listen(String host, int port) {}

  /**
   * PEM files of the server's own certificate and key.
   *
   * @param clientCa who vouches for clients; null: they show no certificates
   */
  public record Tls(Path certificate, Path key, @Nullable Path clientCa) {}

  /** Which PostgreSQL is used. */
  public sealed interface Database {
    /** Started and stopped by the server, kept in {@code data}. */
    record Embedded(Path data, int connections) implements Database {}

    /** Somebody else's; {@code data} still holds the first token if one has to be made. */
    record External(
        String url, @Nullable String password, boolean migrate, Path data, int connections)
        implements Database {}

    /** The data directory. */
    Path data();

    /** Most connections. */
    int connections();
  }

  /**
   * Reads all settings.
   *
   * @param flags by the setting's name
   * @param environment the process's environment
   * @throws ConfigException with all problems, if there is one
   */
  public static ServerConfig read(Map<String, String> flags, Map<String, String> environment) {
    var reader = new SettingReader(flags, environment);
    Tls tls = tls(reader);
    Listen listen = listen(reader, tls != null);
    Database database = database(reader);
    String adminToken = reader.secret(ADMIN_TOKEN);
    if (adminToken != null && adminToken.length() < MIN_ADMIN_TOKEN) {
      reader.problem(
          ADMIN_TOKEN.shown()
              + " has "
              + adminToken.length()
              + " characters; at least "
              + MIN_ADMIN_TOKEN
              + " are needed");
    }
    int retentionDays = reader.number(RETENTION_DAYS, 1, 3_650);
    int auditDays = reader.number(AUDIT_DAYS, 1, 3_650);
    Limits limits = Limits.read(reader);
    String logLevel = reader.oneOf(LOG_LEVEL, LOG_LEVELS);
    reader.throwIfAny();
    return new ServerConfig(
        listen, database, adminToken, tls, retentionDays, auditDays, limits, logLevel);
  }

  /** Reads only what says where the database is. */
  public static Database readDatabase(Map<String, String> flags, Map<String, String> environment) {
    var reader = new SettingReader(flags, environment);
    Database database = database(reader);
    reader.throwIfAny();
    return database;
  }

  private static Listen listen(SettingReader reader, boolean encrypted) {
    String value = String.valueOf(reader.text(LISTEN));
    boolean insecureAllowed = reader.isOn(INSECURE_LISTEN);
    Matcher parts = HOST_PORT.matcher(value);
    String host = null;
    int port = -1;
    if (parts.matches()) {
      host = parts.group(3) == null ? parts.group(1) : parts.group(3);
      port = Integer.parseInt(parts.group(3) == null ? parts.group(2) : parts.group(4));
    }
    if (host == null || port > 65_535) {
      reader.wrong(
          LISTEN, value, "HOST:PORT such as 127.0.0.1:8080 or [::1]:8080, port 0 to 65535");
      return new Listen("127.0.0.1", 0);
    }
    try {
      if (!InetAddress.getByName(host).isLoopbackAddress() && !encrypted && !insecureAllowed) {
        reader.problem(
            LISTEN.shown()
                + " is \""
                + value
                + "\", which is not loopback: tokens would travel in clear; set "
                + TLS_CERTIFICATE.flag()
                + " and "
                + TLS_KEY.flag()
                + ", or "
                + INSECURE_LISTEN.flag()
                + " if something in front encrypts");
      }
    } catch (UnknownHostException e) {
      reader.wrong(LISTEN, value, "an address of this machine");
    }
    return new Listen(host, port);
  }

  private static @Nullable Tls tls(SettingReader reader) {
    Path certificate = reader.file(TLS_CERTIFICATE);
    Path key = reader.file(TLS_KEY);
    if ((certificate == null) != (key == null)) {
      reader.problem(
          (certificate == null ? TLS_CERTIFICATE : TLS_KEY).shown()
              + " is missing; certificate and key go together");
    }
    Path clientCa = reader.file(TLS_CLIENT_CA);
    if (clientCa != null && certificate == null && key == null) {
      reader.problem(TLS_CLIENT_CA.shown() + " is set, but " + TLS_CERTIFICATE.shown() + " is not");
    }
    return certificate == null || key == null ? null : new Tls(certificate, key, clientCa);
  }

  private static Database database(SettingReader reader) {
    Path data = reader.path(DATA, String.valueOf(reader.text(DATA)));
    if (data == null) {
      data = Path.of(".");
    }
    int connections = reader.number(DATABASE_CONNECTIONS, 8, 200);
    boolean migrate = reader.isOn(MIGRATE_ON_START);
    String url = reader.text(DATABASE_URL);
    String password = reader.secret(DATABASE_PASSWORD);
    if (url == null) {
      if (password != null) {
        reader.problem(
            DATABASE_PASSWORD.shown() + " is set, but " + DATABASE_URL.shown() + " is not");
      }
      return new Database.Embedded(data, connections);
    }
    String problem = DatabaseUrl.problem(url, reader.givenAsFlag(DATABASE_URL));
    if (problem != null) {
      reader.problem(DATABASE_URL.shown() + " " + problem);
    }
    return new Database.External(url, password, migrate, data, connections);
  }
}
