package dev.onepass.job;

import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.options.FlinkCheck;
import dev.onepass.job.options.FlinkDefaults;
import dev.onepass.job.options.Help;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OnepassOptions;
import dev.onepass.job.options.OptionsException;
import dev.onepass.job.options.OptionsReader;
import dev.onepass.job.options.SettingsCheck;
import java.util.ArrayList;
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
   * Checks the options, looks for the brokers and their topics, and starts the job; or, with {@code
   * --help}, prints what the options are.
   *
   * @throws OptionsException with everything that the job cannot start with
   */
  public static void main(String[] args) throws Exception {
    if (Help.isAskedFor(args)) {
      System.out.print(Help.text());
      return;
    }
    JobSettings settings = SettingsCheck.check(OptionsReader.read(args));
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    report(settings, FlinkDefaults.apply(environment, settings));
    FlinkCheck.check(environment, settings).forEach(LOG::warn);
    settings.describeHeads().forEach(LOG::info);
    new Kafka(settings).checkTopics().forEach(LOG::warn);
    Pipeline.build(environment, settings);
    environment.execute(
        environment.getConfiguration().getOptional(PipelineOptions.NAME).orElse("onepass"));
  }

  private static void report(JobSettings settings, List<String> ofFlink) {
    List<String> inForce = new ArrayList<>(settings.inForce());
    inForce.addAll(ofFlink);
    LOG.info("options in force:\n  {}", String.join("\n  ", inForce));
    if (!settings.unknownProperties().isEmpty()) {
      LOG.warn(
          "kafka.properties.*: Kafka's clients do not know {}, and pass them on to their plug-ins; correct those that are meant for Kafka",
          settings.unknownProperties());
    }
  }
}
