package dev.onepass.job;

import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OnepassOptions;
import dev.onepass.job.options.OptionsException;
import dev.onepass.job.options.OptionsReader;
import dev.onepass.job.options.SettingsCheck;
import java.util.List;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point for {@code flink run onepass-job.jar --config job.yaml [--key value ...]}. The
 * options are those of {@link OnepassOptions}; what concerns Flink itself is set with {@code flink
 * run -D}.
 */
public final class OnepassJob {

  private static final Logger LOG = LoggerFactory.getLogger(OnepassJob.class);

  private OnepassJob() {}

  /**
   * Checks the options and starts the job.
   *
   * @throws OptionsException with everything that is wrong with the options
   */
  public static void main(String[] args) throws Exception {
    JobSettings settings = SettingsCheck.check(OptionsReader.read(args));
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    checkCheckpointing(environment, settings);
    settings.describeHeads().forEach(LOG::info);
    Pipeline.build(environment, settings);
    environment.execute(
        environment.getConfiguration().getOptional(PipelineOptions.NAME).orElse("onepass"));
  }

  private static void checkCheckpointing(
      StreamExecutionEnvironment environment, JobSettings settings) {
    if (environment.getCheckpointConfig().isCheckpointingEnabled()) {
      return;
    }
    if (settings.guarantee() == OnepassOptions.Guarantee.EXACTLY_ONCE) {
      throw new OptionsException(
          List.of(
              "kafka.delivery-guarantee is exactly-once but checkpoints are off, so no answer would ever be committed; set execution.checkpointing.interval, for example flink run -Dexecution.checkpointing.interval=10s"));
    }
    LOG.warn(
        "checkpoints are off: after a failure the job reads all tokens again from the beginning; set execution.checkpointing.interval");
  }
}
