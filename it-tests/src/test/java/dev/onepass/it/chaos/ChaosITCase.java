package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.Processes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Parts of the job's world are killed, stopped, filled or deleted while it answers: nothing is lost
 * that need not be, nothing is wrong, and under exactly-once nothing comes twice. A short run by
 * itself; all of the campaign, with its table, by {@code mvn -pl it-tests -am verify -Dchaos=all}.
 */
class ChaosITCase {

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @Test
  void answersOutliveWhatHappens() throws Exception {
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
