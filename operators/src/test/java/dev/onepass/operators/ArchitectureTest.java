// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks which packages of this module may use which others. */
class ArchitectureTest {

  private static final String ROOT = "dev.onepass.operators";

  /** The lower packages, bottom first: each uses only those before it. */
  private static final List<String> FLOORS =
      List.of(
          "serde",
          "event",
          "census",
          "metrics",
          "holes",
          "anchors",
          "anchors.learner",
          "sharding",
          "ordering");

  /** The packages above all floors; {@code sequence} has packages of its own. */
  private static final List<String> UPPER = List.of("sequence", "accuracy", "topology");

  /** The classes that read and write state of Flink. */
  private static final List<String> STORES =
      List.of(
          "ManagedSequenceStore",
          "SampleStore",
          "PartStore",
          "ShardHistory",
          "ShadowStore",
          "HeadCounts",
          "EarlyEvents",
          "WaitingEvents");

  private final JavaClasses module =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void everyPackageHasItsFloor() {
    assertThat(
            module.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.startsWith(full("sequence.")))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(FLOORS.stream(), UPPER.stream()).map(ArchitectureTest::full).toList());
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(module);
  }

  @Test
  void packagesUseOnlyLowerFloors() {
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      Stream<String> higher =
          FLOORS.subList(floor + 1, FLOORS.size()).stream().map(ArchitectureTest::full);
      Stream<String> upper = UPPER.stream().map(name -> full(name) + "..");
      noClasses()
          .that()
          .resideInAPackage(full(FLOORS.get(floor)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(Stream.concat(higher, upper).toArray(String[]::new))
          .check(module);
    }
  }

  /** Other packages meet the learner on the anchors topic only, so that a job can do without it. */
  @Test
  void nothingUsesTheLearner() {
    nothingElseUses("anchors.learner");
  }

  @Test
  void nothingUsesTheGraph() {
    nothingElseUses("topology");
  }

  private void nothingElseUses(String name) {
    noClasses()
        .that()
        .resideOutsideOfPackage(full(name))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(full(name))
        .check(module);
  }

  /** All access to a state goes through one class, which names the state and knows its format. */
  @Test
  void onlyStoresTouchState() {
    noClasses()
        .that()
        .haveNameNotMatching(
            ROOT.replace(".", "\\.") + "\\..*\\.(" + String.join("|", STORES) + ")(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("org\\.apache\\.flink\\.api\\.common\\.state\\.(Value|List|Map)State")
        .check(module);
  }

  private static String full(String name) {
    return ROOT + "." + name;
  }
}
