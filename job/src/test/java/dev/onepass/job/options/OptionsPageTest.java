// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

/** Checks that {@code docs/options.md} is up to date, or writes it. */
class OptionsPageTest {

  private static final String WRITE = "onepass.write-docs";

  private static final String COMMAND =
      "mvn -pl job -am test -Dtest=OptionsPageTest -Dsurefire.failIfNoSpecifiedTests=false -D"
          + WRITE;

  /** Tests run in the directory of the module. */
  private static final Path PAGE = Path.of("..", "docs", "options.md");

  @Test
  void thePageIsUpToDate() throws IOException {
    if (System.getProperty(WRITE) != null) {
      Files.writeString(PAGE, OptionsPage.text());
    }
    assertThat(PAGE).as("Missing page; write it with: %s", COMMAND).exists();
    assertThat(Files.readString(PAGE))
        .as("docs/options.md is stale; write it with: %s", COMMAND)
        .isEqualTo(OptionsPage.text());
  }

  @Test
  void thePageListsEachOptionOnce() {
    for (ConfigOption<?> option : OnepassOptions.all()) {
      assertThat(OptionsPage.text()).containsOnlyOnce("\n| `" + option.key() + "` |");
    }
  }
}
