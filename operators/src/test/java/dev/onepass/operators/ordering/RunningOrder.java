// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.sequence.OperatorMetrics;
import dev.onepass.operators.sharding.Shards;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** Runs the operator that orders by event time on RocksDB, in any number of subtasks. */
public final class RunningOrder implements AutoCloseable {

  public static final EventTime OPTIONS =
      new EventTime(Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofMinutes(10));

  private final Path directory;
  private final List<KeyedOneInputStreamOperatorTestHarness<SequenceKey, Event, Event>> subtasks =
      new ArrayList<>();
  private EventTime options = OPTIONS;
  private long now;
  private long checkpoints;

  /** A checkpoint and the parallelism of its job. */
  public record Checkpoint(OperatorSubtaskState state, int parallelism) {}

  public RunningOrder(Path directory, int parallelism) throws Exception {
    this.directory = directory;
    start(null, parallelism);
  }

  private void start(Checkpoint from, int parallelism) throws Exception {
    for (int subtask = 0; subtask < parallelism; subtask++) {
      EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend();
      backend.setDbStoragePath(directory.toString());
      backend.getMemoryConfiguration().setFixedMemoryPerSlot("64mb");
      var harness =
          new KeyedOneInputStreamOperatorTestHarness<>(
              new OrderOperator(options),
              Event::key,
              FlowTypes.KEY,
              Shards.KEY_GROUPS,
              parallelism,
              subtask);
      subtasks.add(harness);
      harness.setStateBackend(backend);
      harness.setup(EventSerializer.INSTANCE);
      harness.setProcessingTime(now);
      if (from != null) {
        harness.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                from.state, Shards.KEY_GROUPS, from.parallelism, parallelism, subtask));
      }
      harness.open();
    }
  }

  public void send(Event event) throws Exception {
    int subtask =
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            event.key(), Shards.KEY_GROUPS, subtasks.size());
    subtasks.get(subtask).processElement(event, event.origin().timestamp());
  }

  /** Sends a watermark to every subtask. */
  public void watermark(long timestamp) throws Exception {
    for (var subtask : subtasks) {
      subtask.processWatermark(timestamp);
    }
  }

  /** Marks all inputs as idle, or as active. */
  public void status(WatermarkStatus status) throws Exception {
    for (var subtask : subtasks) {
      subtask.processWatermarkStatus(status);
    }
  }

  public Checkpoint checkpoint() throws Exception {
    checkpoints++;
    OperatorSubtaskState[] states = new OperatorSubtaskState[subtasks.size()];
    for (int i = 0; i < states.length; i++) {
      states[i] = subtasks.get(i).snapshot(checkpoints, 0);
    }
    return new Checkpoint(AbstractStreamOperatorTestHarness.repackageState(states), states.length);
  }

  /** Drops all subtasks and starts from the checkpoint. */
  public void restore(Checkpoint checkpoint, int parallelism) throws Exception {
    close();
    start(checkpoint, parallelism);
  }

  /** Sets the clock of all workers, including those that a restore starts. */
  public void clock(long now) throws Exception {
    this.now = now;
    for (var subtask : subtasks) {
      subtask.setProcessingTime(now);
    }
  }

  /** Sets the options of the subtasks that a restore starts. */
  public void options(EventTime options) {
    this.options = options;
  }

  /** Returns the events since the last call, in order within a subtask. */
  public List<Event> given() {
    List<Event> events = new ArrayList<>();
    for (var subtask : subtasks) {
      events.addAll(subtask.extractOutputValues());
      subtask.getOutput().clear();
    }
    return events;
  }

  public List<DeadLetter> deadLetters() {
    return sideOutput(SideOutputs.DEAD_LETTERS);
  }

  public List<Part> parts() {
    return sideOutput(SideOutputs.PARTS);
  }

  private <T> List<T> sideOutput(OutputTag<T> tag) {
    List<T> all = new ArrayList<>();
    for (var subtask : subtasks) {
      Queue<StreamRecord<T>> queue = subtask.getSideOutput(tag);
      if (queue != null) {
        queue.forEach(record -> all.add(record.getValue()));
        queue.clear();
      }
    }
    return all;
  }

  public long counter(String name) {
    return subtasks.stream()
        .mapToLong(s -> OperatorMetrics.of(Counter.class, s, name).getCount())
        .sum();
  }

  public int timers() {
    return subtasks.stream().mapToInt(AbstractStreamOperatorTestHarness::numEventTimeTimers).sum();
  }

  /** Returns the number of entries in keyed state, including timers. */
  public int stateEntries() throws Exception {
    // Removed timers stay in a write batch until a checkpoint writes it.
    checkpoint();
    return subtasks.stream()
        .map(subtask -> ((AbstractStreamOperator<?>) subtask.getOperator()).getKeyedStateBackend())
        .mapToInt(backend -> ((AbstractKeyedStateBackend<?>) backend).numKeyValueStateEntries())
        .sum();
  }

  @Override
  public void close() throws Exception {
    for (var subtask : subtasks) {
      subtask.close();
    }
    subtasks.clear();
  }
}
