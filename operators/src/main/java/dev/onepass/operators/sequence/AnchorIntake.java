// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.anchors.AnchorRecords;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.HeldAnchorSets;
import dev.onepass.operators.anchors.ParsedAnchorSet;
import dev.onepass.operators.anchors.RefusedSetException;
import dev.onepass.operators.anchors.SetPreparation;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.census.AdoptedVersions;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.metrics.HeldSets;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.sequence.HeadSpec;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings anchor sets into a subtask: from the checkpoint, from a file, from the topic at the start,
 * and from the broadcast input while the job runs.
 *
 * <p>The topic is read at the start although the broadcast input brings its records too: sequences
 * that exceed their bytes do not wait for that input, and it does not bring again the records of a
 * head that was not declared when they passed.
 */
final class AnchorIntake {

  private static final Logger LOG = LoggerFactory.getLogger(AnchorIntake.class);

  private final SequenceOptions options;
  private final boolean firstSubtask;
  private final AnchorRecords records;
  private final HeldAnchorSets held;

  /**
   * Takes up the sets of the checkpoint.
   *
   * @param adopted the versions that sequences had adopted at the checkpoint
   * @param firstSubtask whether this subtask reports what all subtasks see
   */
  AnchorIntake(
      BroadcastState<String, StoredAnchorSet> state,
      SequenceOptions options,
      AdoptedVersions adopted,
      boolean firstSubtask)
      throws Exception {
    this.options = options;
    this.firstSubtask = firstSubtask;
    records = new AnchorRecords(options.heads(), options.anchors().factorBytes());
    held = new HeldAnchorSets(state, options.anchors(), adopted);
  }

  /**
   * Takes the given sets and those of the topic, before the first record.
   *
   * @throws IOException if the topic cannot be read to its end and a head needs its sets
   */
  void start(AnchorsTopic topic) throws Exception {
    for (StoredAnchorSet given : options.anchors().given()) {
      held.takeGiven(given.head(), ParsedAnchorSet.of(given.bytes()))
          .ifPresent(refusal -> LOG.warn("anchor set of anchors.file: {}", refusal));
    }
    read(topic);
    held.started();
  }

  private void read(AnchorsTopic topic) throws IOException {
    try {
      topic.read(this::takeAtStart);
    } catch (IOException e) {
      if (options.heads().stream().anyMatch(HeadSpec::usesSets)) {
        throw new IOException(
            "%s; the job does not start, because sequences would begin without their anchor sets and stay so: check that the brokers answer, and that the job may describe and read the topic"
                .formatted(e.getMessage()),
            e);
      }
      LOG.warn("{}; goes on, because no head uses anchor sets", e.getMessage());
    }
  }

  /** A set that is skipped becomes a dead letter if the broadcast input brings it. */
  private void takeAtStart(RawRecord record) {
    if (!records.isOfDeclaredHead(record)) {
      return;
    }
    try {
      ParsedAnchorSet set = records.read(record);
      held.takeAtStart(AnchorRecords.head(record), set)
          .ifPresent(refusal -> skip(record, "record value: " + refusal));
    } catch (RefusedSetException e) {
      skip(record, e.getMessage());
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write the state of anchor sets", e);
    }
  }

  private void skip(RawRecord record, String refusal) {
    if (firstSubtask) {
      LOG.warn(
          "skips topic {}, partition {}, offset {}, head {}: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          AnchorRecords.head(record),
          refusal);
    }
  }

  /**
   * Takes the set of a record.
   *
   * @return the reason if the record is refused
   */
  Optional<String> take(RawRecord record) throws Exception {
    ParsedAnchorSet set;
    try {
      set = records.read(record);
    } catch (RefusedSetException e) {
      // Records were checked before, but not those in flight when the heads were changed.
      return Optional.of(e.getMessage());
    }
    return held.take(AnchorRecords.head(record), set).map(reason -> "record value: " + reason);
  }

  /** Prepares the newest set of each head in the background; again if that has failed. */
  void prepareNewest(Preparations preparations) {
    for (HeadSpec head : options.heads()) {
      held.newest(head)
          .filter(set -> !SetPreparation.isPrepared(head, set))
          .ifPresent(set -> request(preparations, new SetPreparation(head, set)));
    }
  }

  private static void request(Preparations preparations, Preparation preparation) {
    try {
      preparations.request(preparation);
    } catch (PreparationException alreadyLogged) {
      // The set does not become current until a later checkpoint finds it prepared.
    }
  }

  /** Returns the sets of a head as they are at each moment. */
  AnchorSets of(HeadSpec head) {
    return held.of(head);
  }

  /** Returns the sizes of all sets, for metrics. */
  HeldSets sizes() {
    return new HeldSets(held::count, held::olderThanKept, held::bytes);
  }
}
