// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may use which, and what nobody may use. */
final class ArchitectureTest {
  private static final String BASE = "dev.rollcall.server.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.rollcall.server");

  /** Each package with all it may use of the server, directly. */
  private static final Map<String, String[]> MAY_USE = mayUse();

  private static Map<String, String[]> mayUse() {
    Map<String, String[]> table = new TreeMap<>();
    table.put("config", new String[] {});
    table.put("lifecycle", new String[] {});
    table.put("telemetry", new String[] {});
    table.put("db", new String[] {"config", "lifecycle", "telemetry"});
    table.put("batch", new String[] {"db", "telemetry"});
    table.put("web", new String[] {"config", "lifecycle", "telemetry"});
    table.put("registry", new String[] {"db", "web", "lifecycle"});
    table.put(
        "auth",
        new String[] {"config", "registry", "batch", "web", "db", "telemetry", "lifecycle"});
    table.put("enrolment", new String[] {"auth", "registry", "web", "db"});
    table.put("queue", new String[] {"batch", "db", "lifecycle", "telemetry"});
    table.put("node", new String[] {"queue", "db", "telemetry", "lifecycle"});
    table.put("verification", new String[] {"registry", "web"});
    table.put(
        "command",
        new String[] {
          "config",
          "queue",
          "batch",
          "registry",
          "auth",
          "verification",
          "web",
          "db",
          "telemetry",
          "lifecycle"
        });
    table.put(
        "edge",
        new String[] {
          "queue", "command", "auth", "registry", "web", "db", "telemetry", "lifecycle"
        });
    table.put("report", new String[] {"auth", "web", "db"});
    table.put("upkeep", new String[] {"queue", "command", "db", "telemetry", "lifecycle"});
    return table;
  }

  @Test
  void packages_use_only_what_the_table_allows() {
    MAY_USE.forEach((name, allowed) -> {
      String[] others =
          Stream.concat(MAY_USE.keySet().stream(), Stream.of("app"))
              .filter(other -> !other.equals(name) && !Arrays.asList(allowed).contains(other))
              .map(other -> BASE + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(BASE + name + "..")
          .should()
          .dependOnClassesThat(resideInAnyPackage(others))
          .because("the package documentation says what it may use")
          .check(CLASSES);
    });
  }

  @Test
  void there_are_no_cycles() {
    slices().matching("dev.rollcall.server.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void statements_stand_in_stores() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + "db..")
        .and()
        .haveSimpleNameNotEndingWith("Store")
        .should()
        .dependOnClassesThat(resideInAPackage("org.jdbi.v3.core.statement.."))
        .because("whoever holds a transaction hands its handle to a store")
        .check(CLASSES);
  }

  @Test
  void javalin_is_used_by_web_and_by_routes() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + "web..")
        .and()
        .haveSimpleNameNotEndingWith("Routes")
        .and()
        .doNotHaveFullyQualifiedName(BASE + "auth.Caller")
        .and()
        .doNotHaveFullyQualifiedName(BASE + "auth.Tokens")
        .and()
        .doNotHaveFullyQualifiedName(BASE + "auth.Refusals")
        .and()
        .doNotHaveFullyQualifiedName(BASE + "command.CommandLists")
        .and()
        .doNotHaveFullyQualifiedName(BASE + "command.IdempotencyKeys")
        .should()
        .dependOnClassesThat(resideInAPackage("io.javalin.."))
        .because("these few read a request for the routes; nobody else knows of HTTP")
        .check(CLASSES);
  }

  @Test
  void the_queue_knows_no_http_and_no_json() {
    noClasses()
        .that()
        .resideInAPackage(BASE + "queue..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("io.javalin..", "tools.jackson..", "org.eclipse.jetty.."))
        .check(CLASSES);
  }

  @Test
  void nobody_reads_the_clock_sleeps_or_rolls_dice_in_passing() {
    for (Class<?> clock :
        new Class<?>[] {
          Instant.class,
          Clock.class,
          LocalDate.class,
          LocalDateTime.class,
          OffsetDateTime.class,
          ZonedDateTime.class
        }) {
      noClasses().should().callMethod(clock, "now").check(CLASSES);
    }
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callConstructor(Random.class).check(CLASSES);
  }

  @Test
  void executors_are_not_made_in_passing() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + "app..")
        .should()
        .dependOnClassesThat(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo(Executors.class))
        .check(CLASSES);
  }

  @Test
  void every_class_is_in_a_package_of_the_table() {
    classes()
        .that(alwaysTrue())
        .should()
        .resideInAnyPackage(
            Stream.concat(MAY_USE.keySet().stream(), Stream.of("app"))
                .map(name -> BASE + name + "..")
                .toArray(String[]::new))
        .check(CLASSES);
  }
}
