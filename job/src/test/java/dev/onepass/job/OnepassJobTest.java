package dev.onepass.job;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.options.OptionsException;
import org.junit.jupiter.api.Test;

class OnepassJobTest {

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
