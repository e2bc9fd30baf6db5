// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks the directions of dependencies between the packages of this module. */
class ArchitectureTest {

  private static final String ROOT = "dev.onepass.job";

  /** The packages from bottom to top. Each may use only packages before it. */
  private static final List<String> FLOORS =
      List.of(
          ".format.fields",
          ".format.json",
          ".format.protobuf",
          ".format",
          ".options",
          ".records",
          ".kafka.client",
          ".kafka.limits",
          ".kafka.source",
          ".kafka.sink",
          ".kafka.anchors",
          ".kafka",
          "",
          ".cli");

  private final JavaClasses module =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void everyPackageHasAFloor() {
    assertThat(module.stream().map(JavaClass::getPackageName).distinct())
        .containsExactlyInAnyOrderElementsOf(FLOORS.stream().map(ArchitectureTest::full).toList());
  }

  @Test
  void packagesUseOnlyLowerFloors() {
    for (int floor = 0; floor < FLOORS.size() - 1; floor++) {
      noClasses()
          .that()
          .resideInAPackage(full(FLOORS.get(floor)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              FLOORS.subList(floor + 1, FLOORS.size()).stream()
                  .map(ArchitectureTest::full)
                  .toArray(String[]::new))
          .check(module);
    }
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(module);
  }

  @Test
  void onlyKafkaPackagesUseTheKafkaConnector() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".kafka..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.flink.connector.kafka..")
        .check(module);
  }

  @Test
  void recordsAndFormatsDoNotUseKafka() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".format..", ROOT + ".records")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.kafka..")
        .check(module);
  }

  @Test
  void onlyFormatsParseRecords() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".format..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.fasterxml.jackson..", "com.google.protobuf..")
        .check(module);
  }

  private static String full(String name) {
    return ROOT + name;
  }
}
