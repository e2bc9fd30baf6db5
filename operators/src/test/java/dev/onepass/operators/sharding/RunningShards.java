// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.EventSerializer;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.PartSerializer;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.SequencesOperator;
import dev.onepass.operators.sequence.ShelfTopic;
import dev.onepass.operators.sequence.TokenStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/**
 * Runs the operators of a sharded sequence on RocksDB: router, operator of sequences and merge,
 * each in any number of subtasks. Records between them are serialized.
 */
public final class RunningShards implements AutoCloseable {

  private final Path directory;
  private SequenceOptions options;
  private final List<OneInputStreamOperatorTestHarness<Event, Event>> routers = new ArrayList<>();
  private final List<KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply>>
      sequences = new ArrayList<>();
  private final List<KeyedOneInputStreamOperatorTestHarness<String, Part, Reply>> mergers =
      new ArrayList<>();
  private final List<Reply> replies = new ArrayList<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private long now;
  private long records;
  private long parts;

  /** A checkpoint and the parallelism of its job. */
  public record Checkpoint(
      OperatorSubtaskState routers,
      OperatorSubtaskState sequences,
      OperatorSubtaskState mergers,
      int parallelism,
      long records) {}

  public RunningShards(SequenceOptions options, Path directory, int parallelism) throws Exception {
    this.options = options;
    this.directory = directory;
    start(null, parallelism);
  }

  private void start(Checkpoint from, int parallelism) throws Exception {
    for (int subtask = 0; subtask < parallelism; subtask++) {
      var router =
          new OneInputStreamOperatorTestHarness<>(
              new ProcessOperator<>(
                  new RouteFunction(options.heads(), options.sharding(), options.timeToLive())),
              Shards.KEY_GROUPS,
              parallelism,
              subtask);
      routers.add(router);
      router.setup(EventSerializer.INSTANCE);
      start(router, from == null ? null : from.routers, from, subtask, parallelism);

      var sequence =
          new KeyedBroadcastOperatorTestHarness<>(
              new SequencesOperator(options, new ShelfTopic()),
              Event::key,
              FlowTypes.KEY,
              Shards.KEY_GROUPS,
              parallelism,
              subtask);
      sequences.add(sequence);
      sequence.setStateBackend(backend());
      sequence.setup(ReplySerializer.INSTANCE);
      start(sequence, from == null ? null : from.sequences, from, subtask, parallelism);

      var merger =
          new KeyedOneInputStreamOperatorTestHarness<>(
              new KeyedProcessOperator<>(new MergeFunction()),
              Part::query,
              Types.STRING,
              Shards.KEY_GROUPS,
              parallelism,
              subtask);
      mergers.add(merger);
      merger.setStateBackend(backend());
      merger.setup(ReplySerializer.INSTANCE);
      start(merger, from == null ? null : from.mergers, from, subtask, parallelism);
    }
  }

  private EmbeddedRocksDBStateBackend backend() {
    EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend();
    backend.setDbStoragePath(directory.toString());
    backend.getMemoryConfiguration().setFixedMemoryPerSlot("64mb");
    return backend;
  }

  private void start(
      AbstractStreamOperatorTestHarness<?> harness,
      OperatorSubtaskState state,
      Checkpoint from,
      int subtask,
      int parallelism)
      throws Exception {
    harness.setProcessingTime(now);
    if (state != null) {
      harness.initializeState(
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, Shards.KEY_GROUPS, from.parallelism, parallelism, subtask));
    }
    harness.open();
  }

  public Checkpoint checkpoint() throws Exception {
    return new Checkpoint(
        snapshot(routers), snapshot(sequences), snapshot(mergers), routers.size(), records);
  }

  private OperatorSubtaskState snapshot(List<? extends AbstractStreamOperatorTestHarness<?>> of)
      throws Exception {
    OperatorSubtaskState[] states = new OperatorSubtaskState[of.size()];
    for (int i = 0; i < states.length; i++) {
      states[i] = of.get(i).snapshot(records, now);
    }
    return AbstractStreamOperatorTestHarness.repackageState(states);
  }

  /** Drops all subtasks and starts from the checkpoint. Loses the replies that were not fetched. */
  public void restore(Checkpoint checkpoint, int parallelism) throws Exception {
    close();
    replies.clear();
    deadLetters.clear();
    records = checkpoint.records;
    start(checkpoint, parallelism);
  }

  /** Stops with a savepoint and starts from it with other options. */
  public void restart(SequenceOptions newOptions, int parallelism) throws Exception {
    Checkpoint checkpoint = checkpoint();
    options = newOptions;
    restore(checkpoint, parallelism);
  }

  /** Sends a record of the anchors topic to every subtask. */
  public void broadcast(String head, byte[] set) throws Exception {
    byte[] key = head.getBytes(StandardCharsets.UTF_8);
    RawRecord record = new RawRecord("attention.anchors", 0, records++, 0, key, set, Headers.NONE);
    for (var sequence : sequences) {
      sequence.processBroadcastElement(record, 0);
    }
  }

  /** Sends a hole to every subtask. */
  public void tell(Hole hole) throws Exception {
    for (var sequence : sequences) {
      sequence.processBroadcastElement(hole.toRecord(), -1);
    }
  }

  /** Returns the offset of the next record. */
  public long offset() {
    return records;
  }

  /** Advances processing time, timer by timer. */
  public void pass(Duration time) throws Exception {
    now += time.toMillis();
    for (var router : routers) {
      router.setProcessingTime(now);
    }
    for (var sequence : sequences) {
      sequence.setProcessingTime(now);
      merge(sequence);
    }
  }

  private void send(Event event) throws Exception {
    var router = routers.get((int) (event.origin().offset() % routers.size()));
    router.processElement(event, 0);
    List<Event> routed = router.extractOutputValues();
    router.getOutput().clear();
    drain(router, SideOutputs.DEAD_LETTERS, deadLetters);
    for (Event each : routed) {
      int subtask =
          KeyGroupRangeAssignment.assignKeyToParallelOperator(
              each.key(), Shards.KEY_GROUPS, sequences.size());
      var sequence = sequences.get(subtask);
      sequence.processElement(overTheWire(each, EventSerializer.INSTANCE), 0);
      merge(sequence);
    }
  }

  private void merge(
      KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply> sequence)
      throws Exception {
    collect(sequence);
    List<Part> said = new ArrayList<>();
    drain(sequence, SideOutputs.PARTS, said);
    for (Part part : said) {
      parts++;
      int subtask =
          KeyGroupRangeAssignment.assignKeyToParallelOperator(
              part.query(), Shards.KEY_GROUPS, mergers.size());
      var merger = mergers.get(subtask);
      merger.processElement(overTheWire(part, PartSerializer.INSTANCE), 0);
      collect(merger);
    }
  }

  private void collect(AbstractStreamOperatorTestHarness<Reply> harness) {
    replies.addAll(harness.extractOutputValues());
    harness.getOutput().clear();
    drain(harness, SideOutputs.DEAD_LETTERS, deadLetters);
  }

  private static <T> void drain(
      AbstractStreamOperatorTestHarness<?> harness, OutputTag<T> tag, List<T> into) {
    Queue<StreamRecord<T>> queue = harness.getSideOutput(tag);
    if (queue != null) {
      queue.forEach(record -> into.add(record.getValue()));
      queue.clear();
    }
  }

  private static <T> T overTheWire(T object, TypeSerializer<T> serializer) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    serializer.serialize(object, out);
    return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }

  /** Returns the replies since the last call. */
  public List<Reply> replies() {
    List<Reply> fetched = List.copyOf(replies);
    replies.clear();
    return fetched;
  }

  /** Returns the dead letters since the last call. */
  public List<DeadLetter> deadLetters() {
    List<DeadLetter> fetched = List.copyOf(deadLetters);
    deadLetters.clear();
    return fetched;
  }

  /** Returns the number of parts that shards have sent. */
  public long parts() {
    return parts;
  }

  /** Returns the number of entries in keyed state of the merge. */
  public int mergersEntries() throws Exception {
    return entries(mergers);
  }

  /** Returns the number of entries in keyed state of all sequences, including timers. */
  public int sequencesEntries() throws Exception {
    // Removed timers stay in a write batch until a checkpoint writes it.
    snapshot(sequences);
    return entries(sequences);
  }

  private static int entries(List<? extends AbstractStreamOperatorTestHarness<?>> harnesses) {
    int entries = 0;
    for (var harness : harnesses) {
      var operator = (AbstractStreamOperator<?>) harness.getOperator();
      entries +=
          ((AbstractKeyedStateBackend<?>) operator.getKeyedStateBackend())
              .numKeyValueStateEntries();
    }
    return entries;
  }

  @Override
  public void close() throws Exception {
    for (List<? extends AbstractStreamOperatorTestHarness<?>> all :
        List.of(routers, sequences, mergers)) {
      for (AbstractStreamOperatorTestHarness<?> harness : all) {
        harness.close();
      }
      all.clear();
    }
  }

  /** Returns the subtasks that have shards of the sequence. */
  public SortedSet<Integer> subtasksOf(One sequence, int shards) {
    Shards keys = new Shards();
    SortedSet<Integer> subtasks = new TreeSet<>();
    for (int shard = 0; shard < shards; shard++) {
      subtasks.add(
          KeyGroupRangeAssignment.assignKeyToParallelOperator(
              keys.key(sequence.key, shard), Shards.KEY_GROUPS, sequences.size()));
    }
    return subtasks;
  }

  /** Returns a sequence of a head. */
  public One sequence(String head, String id) {
    return new One(new SequenceKey(head, id, 0));
  }

  private RawRecord origin(SequenceKey key, String topic) {
    long offset = records++;
    return new RawRecord(
        topic,
        0,
        offset,
        1_000 + offset,
        key.sequence().getBytes(StandardCharsets.UTF_8),
        ("record " + offset).getBytes(StandardCharsets.UTF_8),
        Headers.NONE);
  }

  /** Sends tokens and queries to a sequence. */
  public final class One {
    private final SequenceKey key;

    private One(SequenceKey key) {
      this.key = key;
    }

    /** Sends tokens of the stream, whose positions are their numbers. */
    public void take(TokenStream stream, int from, int to) throws Exception {
      for (int token = from; token < to; token++) {
        take(token, stream, token);
      }
    }

    public void take(long position, TokenStream stream, int token) throws Exception {
      send(
          new Event.Token(
              key,
              origin(key, "attention.tokens"),
              position,
              stream.key(token),
              stream.value(token),
              false));
    }

    void retract(long position, TokenStream stream, int token) throws Exception {
      send(
          new Event.Token(
              key,
              origin(key, "attention.tokens"),
              position,
              stream.key(token),
              stream.value(token),
              true));
    }

    void forget() throws Exception {
      send(new Event.Forget(key, origin(key, "attention.tokens")));
    }

    /** Sends a query, whose answer is among the replies at once or later. */
    RawRecord askAsOf(long asOf, String queryId, float[] queries) throws Exception {
      return askAsOf(asOf, queryId, queries, queries.length / TokenStream.KEY_DIM);
    }

    RawRecord askAsOf(long asOf, String queryId, float[] queries, int count) throws Exception {
      RawRecord origin = origin(key, "attention.queries");
      send(new Event.Query(key, origin, queryId, queries, count, asOf));
      return origin;
    }

    /** Sends a query and returns its answer, the only reply. */
    public Reply.Answer ask(float[] queries) throws Exception {
      askAsOf(0, "now", queries);
      return (Reply.Answer) only();
    }

    public Reply.Stats stats() throws Exception {
      send(new Event.StatsQuery(key, origin(key, "attention.queries"), "stats"));
      return (Reply.Stats) only();
    }

    void askRecovery() throws Exception {
      send(new Event.RecoverQuery(key, origin(key, "attention.queries"), "recover", 0));
    }

    /** Advances the clock until there is a reply, which may wait for a preparation. */
    private Reply only() throws Exception {
      List<Reply> all = replies();
      for (int tries = 0; all.isEmpty() && tries < 1_000; tries++) {
        TimeUnit.MILLISECONDS.sleep(5);
        pass(Duration.ofMillis(5));
        all = replies();
      }
      if (all.size() != 1) {
        throw new AssertionError("one was due, there are " + all + ", " + deadLetters);
      }
      return all.get(0);
    }
  }
}
