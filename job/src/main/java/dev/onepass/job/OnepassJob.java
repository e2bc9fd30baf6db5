// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point for {@code flink run onepass-job.jar --config job.yaml [--key value ...]}. {@link
 * OnepassOptions} lists the options; settings of Flink are set with {@code flink run -D}.
 */
public final class OnepassJob {

  private static final Logger LOG = LoggerFactory.getLogger(OnepassJob.class);

  private OnepassJob() {}

  /**
   * Checks the options, the brokers and the topics, and starts the job. With {@code --help}, prints
   * the options instead.
   *
   * @throws OptionsException with all problems that keep the job from starting
   */
  public static void main(String[] args) throws Exception {
    if (Help.isAskedFor(args)) {
      System.out.print(Help.text());
      return;
    }
    JobSettings settings = SettingsReader.read(OptionsReader.read(args));
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    List<String> inForce = new ArrayList<>(settings.inForce());
    inForce.addAll(FlinkDefaults.apply(environment, settings));
    LOG.info("Options in force:\n  {}", String.join("\n  ", inForce));
    settings.warnings().forEach(LOG::warn);
    FlinkCheck.check(environment, settings).forEach(LOG::warn);
    settings.describeHeads().forEach(LOG::info);
    new Kafka(settings).checkTopics().forEach(LOG::warn);
    Pipeline.build(environment, settings);
    environment.execute(
        environment.getConfiguration().getOptional(PipelineOptions.NAME).orElse("onepass"));
  }
}
