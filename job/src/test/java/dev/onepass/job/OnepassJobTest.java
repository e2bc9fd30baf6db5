package dev.onepass.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.options.OptionsException;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
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

  /** One record has all of it: every option, and no secret. */
  @Test
  void whatIsInForceIsLoggedOnce() {
    List<String> logged = new ArrayList<>();
    AbstractAppender appender =
        new AbstractAppender("in-force", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            logged.add(event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    Logger logger = (Logger) LogManager.getLogger(OnepassJob.class);
    Level level = logger.getLevel();
    logger.addAppender(appender);
    logger.setLevel(Level.INFO);
    try {
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
    } finally {
      logger.removeAppender(appender);
      logger.setLevel(level);
    }
    assertThat(logged)
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
