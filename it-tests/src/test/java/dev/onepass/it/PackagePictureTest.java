// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Checks that the pictures of packages in {@code docs/architecture.md} match the compiled classes.
 *
 * <p>An arrow means "uses". An arrow that a longer path implies is left out. With {@code
 * -Dpictures=write} the test writes the pictures instead of comparing them.
 */
class PackagePictureTest {

  private static final Path PAGE = Path.of("..", "docs", "architecture.md");
  private static final String BEGIN = "<!-- packages:begin -->\n";
  private static final String END = "<!-- packages:end -->";
  private static final String ROOT = "dev.onepass.";

  /** Left out of the pictures, because every package uses it. */
  private static final String ANNOTATIONS = "dev.onepass.sketch.annotations";

  private static final List<String> MODULES = List.of("sketch", "operators", "job");

  @Test
  void architecturePageShowsTheCurrentPackages() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    String drawn = pictures();
    if ("write".equals(System.getProperty("pictures"))) {
      Files.writeString(PAGE, page.substring(0, begin) + drawn + page.substring(end));
      return;
    }
    assertThat(page.substring(begin, end))
        .describedAs(
            "docs/architecture.md: the pictures of packages are out of date. Write them with: "
                + "mvn -q -B -pl it-tests -am test -Dtest=PackagePictureTest "
                + "-Dsurefire.failIfNoSpecifiedTests=false -Dpictures=write")
        .isEqualTo(drawn);
  }

  private static String pictures() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(MODULES.stream().map(ROOT::concat).toArray(String[]::new));
    StringBuilder out = new StringBuilder();
    for (String module : MODULES) {
      out.append("\n**").append(module).append("**\n\n```mermaid\nflowchart TD\n");
      Map<String, Set<String>> uses = uses(classes, ROOT + module);
      uses.keySet().forEach(name -> out.append("  %s[%s]\n".formatted(id(name), name)));
      uses.forEach(
          (from, direct) ->
              direct.stream()
                  .filter(to -> !isImplied(uses, from, to))
                  .forEach(to -> out.append("  %s --> %s\n".formatted(id(from), id(to)))));
      out.append("```\n");
    }
    return out.append('\n').toString();
  }

  /** Returns the packages of a module, each with the packages of the module that it uses. */
  private static Map<String, Set<String>> uses(JavaClasses classes, String module) {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (JavaClass each : classes) {
      String from = each.getPackageName();
      if (!isOf(from, module) || from.equals(ANNOTATIONS)) {
        continue;
      }
      Set<String> direct = uses.computeIfAbsent(shortName(from, module), any -> new TreeSet<>());
      for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
        String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (isOf(to, module) && !to.equals(from) && !to.equals(ANNOTATIONS)) {
          direct.add(shortName(to, module));
        }
      }
    }
    return uses;
  }

  private static boolean isOf(String name, String module) {
    return name.equals(module) || name.startsWith(module + ".");
  }

  private static String shortName(String name, String module) {
    return name.equals(module)
        ? module.substring(ROOT.length())
        : name.substring(module.length() + 1);
  }

  /** Tells whether a path of two arrows or more leads from one package to another. */
  private static boolean isImplied(Map<String, Set<String>> uses, String from, String to) {
    return uses.get(from).stream()
        .filter(between -> !between.equals(to))
        .anyMatch(between -> reaches(uses, between, to));
  }

  private static boolean reaches(Map<String, Set<String>> uses, String from, String to) {
    return uses.get(from).contains(to)
        || uses.get(from).stream().anyMatch(between -> reaches(uses, between, to));
  }

  private static String id(String name) {
    return name.replace('.', '_');
  }
}
