// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import dev.onepass.job.options.OnepassOptions;
import dev.onepass.operators.event.RawRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads partitions with the connector's reader, and detects lost records.
 *
 * <p>A watch checks each split before the connector's reader receives it; until then the split
 * waits here. If records after its offset were deleted, this reader emits a hole in their place. If
 * the position of a running consumer no longer exists, or the topic was created again, a new reader
 * of the connector replaces the old one, and receives the splits as if they had just been restored.
 * The job does not restart, so it continues even if it is slower than the topic's retention.
 *
 * <p>Only the task's thread calls this class.
 */
final class WatchedReader implements SourceReader<RawRecord, KafkaPartitionSplit> {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedReader.class);

  private final Supplier<ConnectorReader> readers;
  private final TopicWatch watch;
  private final SourceMetrics metrics;
  private final OnepassOptions.LostRecords lostRecords;
  private final boolean tellsHoles;
  private final Set<String> paused;

  private ConnectorReader reader;

  /** The replaced reader, which may still be closing. It can be closed twice. */
  private ConnectorReader replaced;

  /** Splits that the connector's reader has not received yet, by id. */
  private final Map<String, KafkaPartitionSplit> waiting = new LinkedHashMap<>();

  /** Topic ids of the splits that the connector's reader has received. */
  private final Map<String, Uuid> topicIds = new HashMap<>();

  /** Id of the topic that was last counted as created again. */
  private Uuid countedRecreation;

  private boolean noMoreSplits;

  /**
   * @param readers creates readers of the connector
   * @param paused ids of paused splits, shared with those readers
   * @param watch checks splits and the topic
   * @param metrics counts lost records
   * @param lostRecords reaction to lost records
   * @param tellsHoles whether to emit holes among the records
   */
  WatchedReader(
      Supplier<ConnectorReader> readers,
      Set<String> paused,
      TopicWatch watch,
      SourceMetrics metrics,
      OnepassOptions.LostRecords lostRecords,
      boolean tellsHoles) {
    this.readers = readers;
    this.paused = paused;
    this.watch = watch;
    this.metrics = metrics;
    this.lostRecords = lostRecords;
    this.tellsHoles = tellsHoles;
    reader = readers.get();
    watch.follow(reader.fetched());
  }

  @Override
  public void start() {
    // The connector's reader starts with its first split.
  }

  /**
   * Accepts each split once. If brokers answer more slowly than {@code
   * partition.discovery.interval.ms}, the connector assigns a partition several times, and its own
   * reader would read the partition from the beginning each time.
   */
  @Override
  public void addSplits(List<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> others =
        splits.stream()
            .filter(split -> !topicIds.containsKey(split.splitId()))
            .filter(split -> waiting.putIfAbsent(split.splitId(), split) == null)
            .toList();
    if (!others.isEmpty()) {
      watch.look(others);
    }
  }

  @Override
  public InputStatus pollNext(ReaderOutput<RawRecord> output) throws Exception {
    if (watch.hasNews()) {
      goOn(watch.take(), output);
    }
    try {
      return reader.pollNext(output);
    } catch (RuntimeException e) {
      if (!ConnectorReader.isPositionLost(e)) {
        throw e;
      }
      LOG.info("The next offset to read does not exist. Looking for the offsets that do.", e);
      lookAgain();
      return InputStatus.NOTHING_AVAILABLE;
    }
  }

  private void goOn(List<Resumption> found, ReaderOutput<RawRecord> output) {
    List<KnownSplit> splits = new ArrayList<>();
    for (Resumption resumption : found) {
      KnownSplit split = resumption.split();
      waiting.remove(split.splitId());
      tell(resumption, output);
      topicIds.put(split.splitId(), KnownSplit.topicIdOf(split));
      splits.add(split);
    }
    if (!splits.isEmpty()) {
      reader.addSplits(splits);
    }
    if (!topicIds.isEmpty() && (watch.isGone() || isAnotherTopic(watch.topicId()))) {
      // Reading stops while the topic is missing: a new topic may take its place.
      lookAgain();
    }
    passNoMoreSplits();
  }

  private void tell(Resumption resumption, ReaderOutput<RawRecord> output) {
    if (resumption.kind() == Resumption.Kind.WHOLE) {
      return;
    }
    String sentence = resumption.sentence();
    long offset = resumption.split().getStartingOffset();
    if (!resumption.isHole()) {
      LOG.warn("{}. Reading continues at offset {}.", sentence, offset);
      return;
    }
    if (lostRecords == OnepassOptions.LostRecords.FAIL) {
      throw new SuppressRestartsException(
          new IllegalStateException(
              "%s; to continue at offset %d, set kafka.lost-records to continue and start from the same state"
                  .formatted(sentence, offset)));
    }
    LOG.warn("{}. Reading continues at offset {}.", sentence, offset);
    metrics.lost(resumption.lost());
    Uuid topicId = KnownSplit.topicIdOf(resumption.split());
    if (resumption.kind() == Resumption.Kind.TOPIC_RECREATED
        && (topicId == null || !topicId.equals(countedRecreation))) {
      countedRecreation = topicId;
      metrics.topicRecreated();
    }
    if (tellsHoles) {
      // Uses the output of the split, because each partition has its own watermark.
      output
          .createOutputForSplit(resumption.split().splitId())
          .collect(resumption.hole().toRecord(), -1);
    }
  }

  private boolean isAnotherTopic(Uuid now) {
    return now != null
        && topicIds.values().stream().anyMatch(known -> known != null && !known.equals(now));
  }

  /** Replaces the connector's reader, and checks all splits again. */
  private void lookAgain() {
    List<KafkaPartitionSplit> splits = handedIn(reader.snapshotState(-1));
    splits.forEach(split -> waiting.put(split.splitId(), split));
    topicIds.clear();
    replaced = reader;
    reader = readers.get();
    watch.follow(reader.fetched());
    watch.lookBehind(replaced, splits);
  }

  /** Returns the splits of the connector's reader, with topic ids and offsets after markers. */
  private List<KafkaPartitionSplit> handedIn(List<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> known = new ArrayList<>();
    for (KafkaPartitionSplit split : splits) {
      long offset =
          reader.fetched().behindMarkers(split.getTopicPartition(), split.getStartingOffset());
      known.add(new KnownSplit(split, offset, topicIds.get(split.splitId())));
    }
    return known;
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    CompletableFuture<Void> news = watch.news();
    if (news.isDone()) {
      return news;
    }
    CompletableFuture<Void> records = reader.isAvailable();
    return records.isDone()
        ? records
        : CompletableFuture.anyOf(records, news).thenAccept(any -> {});
  }

  @Override
  public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
    List<KafkaPartitionSplit> splits = new ArrayList<>(waiting.values());
    splits.addAll(handedIn(reader.snapshotState(checkpointId)));
    return splits;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    reader.notifyCheckpointComplete(checkpointId);
  }

  @Override
  public void notifyNoMoreSplits() {
    noMoreSplits = true;
    passNoMoreSplits();
  }

  /** Tells the reader only after it has all splits: without splits it would end at once. */
  private void passNoMoreSplits() {
    if (noMoreSplits && waiting.isEmpty()) {
      reader.notifyNoMoreSplits();
    }
  }

  @Override
  public void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume) {
    paused.addAll(toPause);
    paused.removeAll(Set.copyOf(toResume));
    reader.pauseOrResumeSplits(toPause, toResume);
  }

  @Override
  public void close() throws Exception {
    watch.close();
    if (replaced != null) {
      replaced.close();
    }
    reader.close();
  }
}
