package dev.onepass.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.options.OptionsException;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.event.Level;

class OnepassJobTest {

  @RegisterExtension
  private final LoggerAuditingExtension logged =
      new LoggerAuditingExtension(OnepassJob.class, Level.INFO);

  @Test
  void whatIsWrongWithTheOptionsIsAllThatIsSaid() {
    assertThatThrownBy(() -> OnepassJob.main(new String[] {"--sketch.type", "magic"}))
        .isInstanceOf(OptionsException.class)
        .hasMessageStartingWith("the job does not start with these options:\n  - ")
        .hasMessageContaining("\n  - kafka.bootstrap.servers is missing: set ")
        .hasMessageContaining("\n  - sketch.key-dim is missing: set ")
        .hasMessageContaining("\n  - sketch.type: 'magic' is not known; set ")
        .hasNoCause();
  }

  @Test
  void exactlyOnceNeedsCheckpoints() {
    assertThatThrownBy(
            () ->
                OnepassJob.main(
                    new String[] {
                      "--kafka.bootstrap.servers=localhost:1",
                      "--sketch.key-dim=4",
                      "--kafka.delivery-guarantee=exactly-once",
                      "--kafka.transactional-id-prefix=p"
                    }))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("kafka.delivery-guarantee is exactly-once but checkpoints are off")
        .hasMessageContaining("-Dexecution.checkpointing.interval=10s");
  }

  /** One record has all of it: every option, and no secret. */
  @Test
  void whatIsInForceIsLoggedOnce() {
    assertThatThrownBy(
            () ->
                OnepassJob.main(
                    new String[] {
                      "--kafka.bootstrap.servers=localhost:1",
                      "--sketch.key-dim=4",
                      "--kafka.properties.ssl.key.password=hunter2",
                      "--kafka.properties.no.such=hunter2",
                      "--kafka.delivery-guarantee=exactly-once",
                      "--kafka.transactional-id-prefix=p"
                    }))
        .isInstanceOf(OptionsException.class);
    assertThat(logged.getMessages())
        .hasSize(2)
        .noneMatch(line -> line.contains("hunter2"))
        .anyMatch(
            line ->
                line.startsWith("options in force:")
                    && line.contains("\n  sketch.key-dim = 4\n")
                    && line.contains("\n  as-of.timeout = 1 min (default)\n")
                    && line.contains("\n  head.default.scale = 0.5\n")
                    && line.contains("\n  kafka.properties.ssl.key.password = ***"))
        .anyMatch(
            line -> line.startsWith("kafka.properties.*: Kafka's clients do not know [no.such]"));
  }

  @Test
  void withoutAFileThereIsNothingToPublish() {
    assertThatThrownBy(
            () ->
                PublishAnchors.main(
                    new String[] {"--kafka.bootstrap.servers=localhost:1", "--sketch.key-dim=4"}))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("anchors.file is missing: set the file");
  }
}
