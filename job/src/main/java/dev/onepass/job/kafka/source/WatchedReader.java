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
 * Reads partitions with the connector's reader, and notices what is gone.
 *
 * <p>A split is looked at before it is handed to the connector's reader, and waits here until then.
 * Where records between its offset and what is still there are gone, the task is told in the place
 * of the records. A consumer whose position is gone while it runs, and a topic that is made anew
 * under it, lead to the same: a new reader of the connector takes the place of the old one, and is
 * handed the splits as if they had just been restored. Nothing is restarted, so a job that is
 * slower than its topic's retention goes on.
 *
 * <p>Only the task's thread calls it.
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

  /** Was replaced, and may still be closing; closing it twice does no harm. */
  private ConnectorReader replaced;

  /** Splits that are not handed in yet, by id. */
  private final Map<String, KafkaPartitionSplit> waiting = new LinkedHashMap<>();

  /** Topics of the splits that are handed in. */
  private final Map<String, Uuid> topicIds = new HashMap<>();

  /** The topic that was last counted as made anew. */
  private Uuid countedAnew;

  private boolean noMoreSplits;

  /**
   * A reader without splits.
   *
   * @param readers makes readers of the connector
   * @param paused splits that those readers leave alone
   * @param tellsHoles whether holes are given out among the records
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
    // The connector's reader begins with its first split.
  }

  /**
   * Takes each split once. Where brokers take longer to answer than {@code
   * partition.discovery.interval.ms}, the connector hands out a partition again for each look at
   * the topic that waited meanwhile, and its own reader would read it from its beginning again.
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
      LOG.info("what was to be read next is not there; looking for what is", e);
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
      // Nothing more is read of a topic that is away: what comes back may be another one.
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
      LOG.warn("{}. Reading goes on at offset {}", sentence, offset);
      return;
    }
    if (lostRecords == OnepassOptions.LostRecords.FAIL) {
      throw new SuppressRestartsException(
          new IllegalStateException(
              "%s; set kafka.lost-records to continue and start from the same state to go on at offset %d"
                  .formatted(sentence, offset)));
    }
    LOG.warn("{}. Reading goes on at offset {}", sentence, offset);
    metrics.lost(resumption.lost());
    Uuid topicId = KnownSplit.topicIdOf(resumption.split());
    if (resumption.kind() == Resumption.Kind.ANEW
        && (topicId == null || !topicId.equals(countedAnew))) {
      countedAnew = topicId;
      metrics.madeAnew();
    }
    if (tellsHoles) {
      // By the partition's own output, as its records: watermarks are made for each partition.
      output
          .createOutputForSplit(resumption.split().splitId())
          .collect(resumption.hole().toRecord(), -1);
    }
  }

  private boolean isAnotherTopic(Uuid now) {
    return now != null
        && topicIds.values().stream().anyMatch(known -> known != null && !known.equals(now));
  }

  /** Puts another reader in the place of the connector's, and looks at all splits again. */
  private void lookAgain() {
    List<KafkaPartitionSplit> splits = handedIn(reader.snapshotState(-1));
    splits.forEach(split -> waiting.put(split.splitId(), split));
    topicIds.clear();
    replaced = reader;
    reader = readers.get();
    watch.follow(reader.fetched());
    watch.lookBehind(replaced, splits);
  }

  /** The splits of the connector's reader, with what it does not know of them. */
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

  /** Not before all are handed in: a reader without splits that gets no more has ended. */
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
