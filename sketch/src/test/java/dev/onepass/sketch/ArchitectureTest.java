package dev.onepass.sketch;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who may use whom inside the module. */
class ArchitectureTest {

  private static final String ROOT = "dev.onepass.sketch";

  private static final String VECTORS = "jdk.incubator.vector..";

  private static final String HYBRID = ROOT + ".hybrid";

  private static final String[] FAMILIES = {
    ROOT + ".exact",
    ROOT + ".linear",
    ROOT + ".onepass",
    ROOT + ".ridge",
    ROOT + ".cluster",
    HYBRID,
    ROOT + ".heavy",
    ROOT + ".wide",
    ROOT + ".codirections"
  };

  private final JavaClasses module =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void theModuleIsPlainJava() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + "..", "java..", "org.ejml..", VECTORS)
        .check(module);
  }

  /** Nothing is worked out on a thread that nobody asked for it. */
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
    String names = ROOT + ".kernel.Vector";
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
  void kernelsKnowNothing() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".kernel")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + ".kernel", "java..", VECTORS)
        .check(module);
  }

  @Test
  void anchorSetsStandOnKernelsFactorsBytesAndClusters() {
    // Of the module's root: tokens, queries, and the sketch of clusters that is tried.
    classes()
        .that()
        .resideInAPackage(ROOT + ".anchors")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".anchors",
            ROOT + ".kernel",
            ROOT + ".moment",
            ROOT + ".wire",
            ROOT + ".cluster",
            ROOT,
            "java..",
            "org.ejml..")
        .check(module);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".anchors")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(SketchFamilies.class)
        .check(module);
  }

  @Test
  void featuresAndMomentsKnowNoFamily() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".feature", ROOT + ".moment")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(FAMILIES)
        .check(module);
  }

  @Test
  void familiesKnowNeitherSequencesNorTheRegistryNorEachOther() {
    noClasses()
        .that()
        .resideInAnyPackage(FAMILIES)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".sequence")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(SketchFamilies.class)
        .check(module);
    for (String family : FAMILIES) {
      // Exact attention over a few tokens is what others have beside them, and clusters are part
      // of the hybrid.
      Set<String> allowed = new HashSet<>(Set.of(ROOT + ".exact"));
      allowed.add(family);
      if (family.equals(HYBRID)) {
        allowed.add(ROOT + ".cluster");
      }
      String[] others =
          Arrays.stream(FAMILIES).filter(other -> !allowed.contains(other)).toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(family)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(module);
    }
  }
}
