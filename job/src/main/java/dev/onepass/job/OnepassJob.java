package dev.onepass.job;

import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.options.FlinkCheck;
import dev.onepass.job.options.FlinkDefaults;
import dev.onepass.job.options.Help;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OnepassOptions;
import dev.onepass.job.options.OptionsException;
import dev.onepass.job.options.OptionsReader;
import dev.onepass.job.options.SettingsReader;
import dev.onepass.operators.ordering.EventTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.TimeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point for {@code flink run onepass-job.jar --config job.yaml [--key value ...]}. The
 * options are those of {@link OnepassOptions}; what concerns Flink itself is set with {@code flink
 * run -D}.
 */
public final class OnepassJob {

  private static final Logger LOG = LoggerFactory.getLogger(OnepassJob.class);

  /** Default of {@code transaction.timeout.ms} of Kafka's producers. */
  private static final Duration USUAL_TRANSACTION = Duration.ofMinutes(1);

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
    JobSettings settings = SettingsReader.read(OptionsReader.read(args));
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
    EventTime eventTime = settings.sequences().eventTime();
    if (eventTime != null && eventTime.idleness().compareTo(USUAL_TRANSACTION) < 0) {
      LOG.warn(
          "order.idleness is {}, and an open transaction of a producer may hide its partition's records for longer: 60 s unless the producer's transaction.timeout.ms says otherwise. The partition then looks idle, and its records are late. Raise order.idleness above the longest transaction.timeout.ms of your producers, unless none of them writes in transactions",
          TimeUtils.formatWithHighestUnit(eventTime.idleness()));
    }
  }
}
