// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.cli;

import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.kafka.anchors.AnchorsPublisher;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OptionsException;
import dev.onepass.job.options.OptionsReader;
import dev.onepass.job.options.SettingsReader;
import dev.onepass.operators.anchors.StoredAnchorSet;
import java.util.List;

/**
 * Publishes the anchor sets of a file to running jobs: {@code java -cp
 * "onepass-job.jar:$FLINK_HOME/lib/*" dev.onepass.job.cli.PublishAnchors --config job.yaml
 * --anchors.file FILE}. Checks the sets against the job's own options.
 */
public final class PublishAnchors {

  private PublishAnchors() {}

  /**
   * Publishes the sets, in the order of the file, and prints a line for each.
   *
   * @throws OptionsException with all problems of the options
   * @throws java.io.IOException if the brokers do not accept a set
   */
  public static void main(String[] args) throws Exception {
    JobSettings settings = SettingsReader.read(OptionsReader.read(args));
    List<StoredAnchorSet> sets = settings.sequences().anchors().given();
    if (sets.isEmpty()) {
      throw new OptionsException(
          List.of("anchors.file is missing; set the file whose sets to publish"));
    }
    try (AnchorsPublisher publisher = new Kafka(settings).anchorsPublisher()) {
      for (StoredAnchorSet set : sets) {
        publisher.publish(set);
        System.out.printf(
            "published %s, %d bytes, on %s%n",
            set.name(), set.bytes().length, settings.topics().anchors());
      }
    }
  }
}
