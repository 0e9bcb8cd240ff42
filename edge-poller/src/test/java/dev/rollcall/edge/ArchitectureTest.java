// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.rollcall.edge.app.Main;
import dev.rollcall.edge.lifecycle.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of packages: who may use whom, and what nobody may do outside the named classes. */
final class ArchitectureTest {
  private static final String BASE = "dev.rollcall.edge.";

  /** Beside themselves, the JDK and the shared records. {@code app} may use all. */
  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          "telemetry", List.of(),
          "lifecycle", List.of("telemetry"),
          "config", List.of("telemetry"),
          "schedule", List.of(),
          "client", List.of("config", "lifecycle", "telemetry"),
          "journal", List.of("lifecycle", "telemetry"),
          "cache", List.of("config", "lifecycle", "telemetry"),
          "execute", List.of("cache", "journal", "lifecycle", "telemetry"),
          "poll", List.of("client", "execute", "journal", "lifecycle", "schedule", "telemetry"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.rollcall.edge");

  static Stream<String> packages() {
    return MAY_USE.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void a_package_uses_what_the_table_allows(String name) {
    List<String> allowed = new ArrayList<>(List.of("java..", "javax..", "dev.rollcall.protocol.."));
    allowed.addAll(List.of("tools.jackson..", "com.fasterxml.jackson.annotation.."));
    allowed.addAll(List.of("org.jspecify..", "com.google.errorprone.annotations.."));
    allowed.add(BASE + name + "..");
    if (name.equals("config")) {
      allowed.add("org.snakeyaml.."); // to see what Jackson does not show of YAML
    }
    MAY_USE.getOrDefault(name, List.of()).forEach(other -> allowed.add(BASE + other + ".."));

    classes()
        .that()
        .resideInAPackage(BASE + name + "..")
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new)))
        .check(CLASSES);
  }

  @Test
  void every_package_stands_in_the_table() {
    assertThat(CLASSES.stream().map(c -> c.getPackageName().substring(BASE.length())))
        .allMatch(name -> name.equals("app") || MAY_USE.containsKey(name.split("\\.", -1)[0]));
  }

  @Test
  void there_are_no_cycles() {
    slices().matching("dev.rollcall.edge.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void the_drivers_know_nothing_of_each_other_nor_the_rest_of_the_drivers() {
    slices()
        .matching(BASE + "cache.(varnish|directory)..")
        .should()
        .notDependOnEachOther()
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(BASE + "execute..", BASE + "poll..", BASE + "cache")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(BASE + "cache.varnish..", BASE + "cache.directory.."))
        .check(CLASSES);
  }

  @Test
  void the_schedule_is_pure() {
    noClasses()
        .that()
        .resideInAPackage(BASE + "schedule")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.io..", "java.net..", "java.nio..", "java.util.concurrent.."))
        .check(CLASSES);
  }

  @Test
  void clocks_and_chance_come_from_outside() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Ticker.class)
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .orShould()
        .dependOnClassesThat(resideInAPackage("java.util").and(simpleName("Timer")))
        .check(CLASSES);
    noClasses()
        .that(resideInAPackage("dev.rollcall.edge..").and(outside("app")))
        .should()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Ticker.class, "system")
        .orShould()
        .dependOnClassesThat(
            com.tngtech.archunit.base.DescribedPredicate.describe(
                "are factories of unnamed threads", c -> c.isEquivalentTo(Executors.class)))
        .check(CLASSES);
  }

  private static com.tngtech.archunit.base.DescribedPredicate<JavaClass> simpleName(String name) {
    return com.tngtech.archunit.base.DescribedPredicate.describe(
        "called " + name, c -> c.getSimpleName().equals(name));
  }

  private static com.tngtech.archunit.base.DescribedPredicate<JavaClass> outside(String name) {
    return com.tngtech.archunit.base.DescribedPredicate.describe(
        "outside " + name, c -> !c.getPackageName().equals(BASE + name));
  }

  @Test
  void only_the_program_itself_speaks_to_the_terminal_and_ends_the_process() {
    noClasses()
        .that(outside("app"))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
    noClasses()
        .that(outside("app"))
        .should()
        .dependOnClassesThat(resideInAPackage("picocli.."))
        .check(CLASSES);
  }

  @Test
  void every_package_says_what_it_is_for_and_is_null_marked() {
    assertThat(CLASSES.stream().map(JavaClass::getPackage).distinct())
        .allMatch(p -> p.tryGetPackageInfo().isPresent())
        .allMatch(p -> p.isAnnotatedWith(NullMarked.class));
  }

  @Test
  void no_package_is_a_drawer_for_odds_and_ends() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..helper..", "..manager..", "..impl..")
        .check(CLASSES);
    assertThat(CLASSES.contain(Main.class)).isTrue();
  }

  @Test
  void files_are_of_a_size_that_can_be_read_at_once() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        int most = file.startsWith("src/test") ? 400 : 300;
        assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(most);
      }
    }
  }
}
