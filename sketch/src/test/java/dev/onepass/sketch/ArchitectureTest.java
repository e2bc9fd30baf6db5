// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Which packages of this module may use which others. */
class ArchitectureTest {

  private static final String ROOT = "dev.onepass.sketch";

  private static final String VECTORS = "jdk.incubator.vector..";

  /** The packages from the ground floor to the top: each uses only those that come before it. */
  private static final List<String> FLOORS =
      List.of(
          "annotations",
          "background",
          "simd",
          "wire",
          "numerics",
          "blocks",
          "wide",
          "anchors.kriging",
          "anchors",
          "api",
          "exact",
          "polynomial",
          "codirections",
          "onepass",
          "ridge",
          "cluster",
          "anchors.fit",
          "anchored",
          "heavy",
          "registry",
          "sequence");

  /** The packages of sketches, with the other sketches that each may use. */
  private static final Map<String, Set<String>> SKETCHES =
      Map.of(
          "exact", Set.of(),
          "polynomial", Set.of(),
          "onepass", Set.of("polynomial", "codirections"),
          "ridge", Set.of(),
          "cluster", Set.of(),
          "anchored", Set.of("cluster"),
          "codirections", Set.of(),
          "heavy", Set.of());

  private final JavaClasses module =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void everyPackageHasItsFloor() {
    assertThat(module.stream().map(JavaClass::getPackageName).distinct())
        .containsExactlyInAnyOrderElementsOf(FLOORS.stream().map(ArchitectureTest::full).toList());
  }

  @Test
  void packagesUseOnlyLowerFloors() {
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      noClasses()
          .that()
          .resideInAPackage(full(FLOORS.get(floor)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              FLOORS.subList(floor + 1, FLOORS.size()).stream()
                  .map(ArchitectureTest::full)
                  .toArray(String[]::new))
          .allowEmptyShould(true)
          .check(module);
    }
  }

  @Test
  void sketchesUseExactAttentionAndOnlyFewOfEachOther() {
    SKETCHES.forEach(
        (sketch, uses) ->
            noClasses()
                .that()
                .resideInAPackage(full(sketch))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    SKETCHES.keySet().stream()
                        .filter(other -> !other.equals(sketch) && !other.equals("exact"))
                        .filter(other -> !uses.contains(other))
                        .map(ArchitectureTest::full)
                        .toArray(String[]::new))
                .check(module));
  }

  @Test
  void theModuleIsPlainJava() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + "..", "java..", "org.ejml..", VECTORS)
        .check(module);
  }

  /** Work runs on the thread that needs its result. */
  @Test
  void nothingRunsOnThePoolThatAProcessShares() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ForkJoinPool.class, CompletableFuture.class)
        .orShould()
        .callMethodWhere(target(nameMatching("parallel.*")))
        .check(module);
  }

  @Test
  void onlyVectorKernelsNeedTheVectorModule() {
    String names = ROOT + ".simd.Vector";
    noClasses()
        .that()
        .haveNameNotMatching(Pattern.quote(names) + ".*")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(VECTORS)
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching(Pattern.quote(names) + ".*")
        .check(module);
  }

  @Test
  void computeKernelsUseNoOtherPackage() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".simd")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + ".simd", ROOT + ".annotations", "java..", VECTORS)
        .check(module);
  }

  private static String full(String name) {
    return ROOT + "." + name;
  }
}
