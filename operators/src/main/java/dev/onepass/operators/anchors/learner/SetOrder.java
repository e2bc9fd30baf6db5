// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.anchors.fit.SampledVectors;
import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wide.ColumnSample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An order for an anchor set, with the samples to make it from.
 *
 * @param head the head
 * @param known highest version of the head that the job knows of, 0 for none
 * @param queries sampled query vectors, multiplied by the scale of the head
 * @param keys sampled keys
 * @param count number of anchors, at least 1
 */
record SetOrder(HeadSpec head, int known, SampledVectors queries, SampledVectors keys, int count) {

  /**
   * Makes the set, finds its version, and checks whether the topic takes it. May take minutes.
   *
   * @param topic the topic on which the set will be published
   * @throws IllegalArgumentException if no set can be made from these samples
   */
  Outcome make(AnchorsTopic topic) {
    long start = System.nanoTime();
    SampledVectors fairQueries = fair(queries);
    SampledVectors fairKeys = fair(keys);
    ColumnSample columns = null;
    if (head.wide().isOn()) {
      columns = columns(fairQueries, fairKeys);
      if (!head.wide().isKept(columns)) {
        return new Outcome.Lossy(head.wide().loss(head.keyDim(), columns));
      }
    }
    AnchorSetMaker.Made made = tried(columns, fairQueries, fairKeys);
    if (columns == null && !made.beatsClusters()) {
      return new Outcome.Beaten(
          "on held-back samples, anchors have an error of %.3g and clusters one of %.3g"
              .formatted(made.error(), made.clusterError()));
    }
    HeadOnTopic onTopic;
    try {
      onTopic = HeadOnTopic.read(topic, head);
    } catch (IOException e) {
      return new Outcome.WithoutVersion(
          "the next version is unknown, because topic %s cannot be read: %s"
              .formatted(topic.name(), e.getMessage()));
    }
    if (onTopic.hasSet()) {
      return new Outcome.AlreadyOnTopic(
          onTopic.highest(),
          "topic %s already has version %d".formatted(topic.name(), onTopic.highest()));
    }
    int highest = Math.max(known, onTopic.highest());
    if (highest == Integer.MAX_VALUE) {
      return new Outcome.WithoutVersion(
          "topic %s has version %d of this head, which is the highest possible; write a record without a value to the topic to remove it"
              .formatted(topic.name(), highest));
    }
    AnchorSet set = made.set().withVersion(highest + 1);
    String description =
        "anchor set version %d with %d anchors%s, made from %d query vectors and %d keys in %.1f s"
            .formatted(
                set.version(),
                set.count(),
                columns == null
                    ? ""
                    : " and %d columns, which keep %.1f %% of the logits' variance"
                        .formatted(columns.columns(), 100 * columns.keptVariance()),
                fairQueries.count(head.keyDim()),
                fairKeys.count(head.keyDim()),
                (System.nanoTime() - start) / 1e9);
    RawRecord record =
        RawRecord.toWrite(
            topic.name(),
            head.name().getBytes(StandardCharsets.UTF_8),
            set.toByteArray(),
            Headers.NONE);
    return new Outcome.Made(set.version(), record, description, topic.obstacle(record));
  }

  private ColumnSample columns(SampledVectors fairQueries, SampledVectors fairKeys) {
    return WideSetMaker.columns(
        head.keyDim(), fairQueries.rows(), fairKeys.rows(), head.wide().columns(), head.seed());
  }

  private AnchorSetMaker.Made tried(
      ColumnSample columns, SampledVectors fairQueries, SampledVectors fairKeys) {
    return columns == null
        ? AnchorSetMaker.tried(1, head.keyDim(), fairQueries, fairKeys, count, head.seed())
        : WideSetMaker.tried(1, columns, fairQueries, fairKeys, count, head.seed());
  }

  /** Limits each sequence to its share of the samples, or to an equal part if sequences are few. */
  private SampledVectors fair(SampledVectors past) {
    int n = past.count(head.keyDim());
    long different = Arrays.stream(past.sequences()).distinct().count();
    long most = (n - 1) / Math.max(1, Math.min(SampleSizes.SEQUENCES, different)) + 1;
    Map<Long, Integer> held = new HashMap<>();
    int[] kept =
        IntStream.range(0, n)
            .filter(row -> held.merge(past.sequences()[row], 1, Integer::sum) <= most)
            .toArray();
    return kept.length == n ? past : past.only(kept, head.keyDim());
  }
}
