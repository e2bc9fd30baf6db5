// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.Processes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Checks that answers survive disturbances of the job's environment: parts of it are killed,
 * suspended, filled or deleted while the job answers. No answer may be wrong, none may be lost
 * unless Kafka makes it unavoidable, and under exactly-once none may come twice.
 *
 * <p>By default the test runs two cells. {@code mvn -pl it-tests -am verify -Dchaos=all} runs the
 * whole campaign.
 */
class ChaosITCase {

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @Test
  void answersSurviveDisturbances() throws Exception {
    Table table =
        new Table(Path.of(System.getProperty("processes.directory")).resolveSibling("chaos"));
    try (Campaign campaign = Campaign.start(PROCESSES, Plan.fromSystemProperties())) {
      campaign.run(table);
    } finally {
      System.out.println(table.markdown());
    }
    assertThat(table.broken()).isEmpty();
  }
}
