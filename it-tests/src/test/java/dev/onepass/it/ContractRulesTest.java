// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import java.util.HashSet;
import java.util.Set;

/** The Java contract: what is marked {@link PublicEvolving} exposes nothing {@link Internal}. */
@AnalyzeClasses(
    packages = {"dev.onepass.sketch", "dev.onepass.operators", "dev.onepass.job"},
    importOptions = ImportOption.DoNotIncludeTests.class)
class ContractRulesTest {

  @ArchTest
  static final ArchRule EVERY_PACKAGE_IS_CONTRACT_OR_INTERNAL =
      classes()
          .should(
              condition(
                  "be in a package that is annotated",
                  (type, events) -> {
                    boolean internal = type.getPackage().isAnnotatedWith(Internal.class);
                    boolean contract = type.getPackage().isAnnotatedWith(PublicEvolving.class);
                    if (internal == contract) {
                      events.add(
                          SimpleConditionEvent.violated(
                              type,
                              type.getPackageName()
                                  + ": annotate package-info.java with @Internal or"
                                  + " @PublicEvolving"));
                    }
                  }));

  @ArchTest
  static final ArchRule CONTRACT_EXPOSES_ONLY_CONTRACT =
      classes()
          .that(DescribedPredicate.describe("are contract", ContractRulesTest::isContract))
          .and()
          .areNotAnonymousClasses()
          .should(
              condition(
                  "expose only types of the contract and of libraries",
                  (type, events) ->
                      type.getMembers().stream()
                          .filter(ContractRulesTest::isVisible)
                          .forEach(
                              member ->
                                  exposed(member).stream()
                                      .filter(used -> !isContract(used))
                                      .forEach(
                                          used ->
                                              events.add(
                                                  SimpleConditionEvent.violated(
                                                      member,
                                                      "%s exposes %s: mark the member @Internal or the type @PublicEvolving"
                                                          .formatted(
                                                              member.getFullName(),
                                                              used.getName())))))));

  private interface Check {
    void check(JavaClass type, ConditionEvents events);
  }

  private static ArchCondition<JavaClass> condition(String description, Check check) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        check.check(type, events);
      }
    };
  }

  private static boolean isVisible(JavaMember member) {
    return (member.getModifiers().contains(JavaModifier.PUBLIC)
            || member.getModifiers().contains(JavaModifier.PROTECTED))
        && !member.getModifiers().contains(JavaModifier.SYNTHETIC)
        && !member.isAnnotatedWith(Internal.class);
  }

  /** Returns the types of this project in the signature of a member. */
  private static Set<JavaClass> exposed(JavaMember member) {
    Set<JavaClass> types = new HashSet<>();
    if (member instanceof JavaField field) {
      types.addAll(field.getType().getAllInvolvedRawTypes());
    }
    if (member instanceof JavaCodeUnit unit) {
      types.addAll(unit.getReturnType().getAllInvolvedRawTypes());
      unit.getParameterTypes().forEach(type -> types.addAll(type.getAllInvolvedRawTypes()));
      types.addAll(unit.getExceptionTypes());
    }
    types.removeIf(type -> !type.getBaseComponentType().getPackageName().startsWith("dev.onepass"));
    return types;
  }

  /**
   * Tells whether a type is contract: by its own annotation, or else that of its enclosing type, or
   * else that of its package.
   */
  private static boolean isContract(JavaClass type) {
    if (type.isArray()) {
      return isContract(type.getBaseComponentType());
    }
    if (type.isAnnotatedWith(PublicEvolving.class)) {
      return true;
    }
    if (type.isAnnotatedWith(Internal.class)) {
      return false;
    }
    return type.getEnclosingClass()
        .map(ContractRulesTest::isContract)
        .orElseGet(() -> type.getPackage().isAnnotatedWith(PublicEvolving.class));
  }
}
