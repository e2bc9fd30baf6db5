package dev.onepass.sketch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may use whom inside the module. */
class ArchitectureTest {

  private static final String ROOT = "dev.onepass.sketch";

  private final JavaClasses module =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void theModuleIsPlainJava() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + "..", "java..", "org.ejml..")
        .check(module);
  }

  @Test
  void kernelsKnowNothing() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".kernel")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + ".kernel", "java..")
        .check(module);
  }

  @Test
  void familiesKnowNeitherSequencesNorTheRegistry() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + ".exact",
            ROOT + ".linear",
            ROOT + ".heavy",
            ROOT + ".wide",
            ROOT + ".ridge",
            ROOT + ".moment")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".sequence")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(SketchFamilies.class)
        .check(module);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".exact")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".linear")
        .check(module);
  }
}
