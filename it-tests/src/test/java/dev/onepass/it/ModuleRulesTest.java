// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Checks the dependencies between modules, for example that no other module uses the demo. */
@AnalyzeClasses(packages = "dev.onepass", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleRulesTest {

  @ArchTest
  static final ArchRule SKETCH_IS_PLAIN_JAVA =
      noClasses()
          .that()
          .resideInAPackage("dev.onepass.sketch..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.onepass.operators..",
              "dev.onepass.job..",
              "dev.onepass.datasets..",
              "dev.onepass.testkit..",
              "dev.onepass.demo..",
              "org.apache..",
              "com.fasterxml..");

  @ArchTest
  static final ArchRule OPERATORS_DO_NOT_USE_KAFKA =
      noClasses()
          .that()
          .resideInAPackage("dev.onepass.operators..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.onepass.job..",
              "dev.onepass.datasets..",
              "dev.onepass.testkit..",
              "dev.onepass.demo..",
              "org.apache.kafka..",
              "org.apache.flink.connector..",
              "com.fasterxml..");

  @ArchTest
  static final ArchRule JOB_DOES_NOT_USE_DEMO =
      noClasses()
          .that()
          .resideInAPackage("dev.onepass.job..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.onepass.datasets..", "dev.onepass.testkit..", "dev.onepass.demo..");

  @ArchTest
  static final ArchRule DATASETS_USE_ONLY_SKETCH =
      noClasses()
          .that()
          .resideInAPackage("dev.onepass.datasets..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.onepass.operators..",
              "dev.onepass.job..",
              "dev.onepass.testkit..",
              "dev.onepass.demo..",
              "dev.onepass.bench..",
              "org.apache..");

  @ArchTest
  static final ArchRule TESTKIT_DOES_NOT_USE_JOB =
      noClasses()
          .that()
          .resideInAPackage("dev.onepass.testkit..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.onepass.operators..",
              "dev.onepass.job..",
              "dev.onepass.datasets..",
              "dev.onepass.demo..",
              "dev.onepass.bench..");

  /** The demo uses the job only as a jar and through topics. */
  @ArchTest
  static final ArchRule DEMO_DOES_NOT_USE_CLASSES_OF_JOB =
      noClasses()
          .that()
          .resideInAPackage("dev.onepass.demo..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.onepass.job..", "dev.onepass.operators..");
}
