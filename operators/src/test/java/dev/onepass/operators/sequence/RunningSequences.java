// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.ParsedAnchorSet;
import dev.onepass.operators.anchors.SetPreparation;
import dev.onepass.operators.census.HeadCounts;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.sequence.store.Lifetime;
import dev.onepass.operators.sequence.store.ManagedSequenceStore;
import dev.onepass.operators.sequence.store.SequenceRecord;
import dev.onepass.operators.sequence.store.SequenceRecordSerializer;
import dev.onepass.operators.sequence.waiting.WaitingEntry;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.TokenOrigin;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;

/**
 * The sequences' operator over RocksDB, in one subtask or several, for tests. Every record gets its
 * own offset; offsets continue across restarts.
 */
public final class RunningSequences implements AutoCloseable {
  private static final int MAX_PARALLELISM = 128;

  /** Where a header says from which offset on its tokens come. */
  private static final int SINCE = 74;

  private final Path directory;
  private final AnchorsTopic topic;
  private SequenceOptions options;
  private final List<KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply>>
      subtasks = new ArrayList<>();
  private long now;
  private long records;
  private long checkpoints;

  /** A checkpoint and the position in the stream. */
  public record Checkpoint(OperatorSubtaskState state, int parallelism, long records) {}

  /** The stored states of a sequence. */
  public record Stored(
      byte[] header, Lifetime lifetime, List<byte[]> pending, byte[] sketch, byte[] queries) {

    /** Returns the same states without the offset of the sequence's first token. */
    Stored butSince() {
      return new Stored(headerButSince(), lifetime, pending, sketch, queries);
    }

    /** Returns the header without the offset of the sequence's first token. */
    byte[] headerButSince() {
      byte[] bytes = header.clone();
      Arrays.fill(bytes, SINCE, SINCE + Long.BYTES, (byte) 0);
      return bytes;
    }

    /** Returns the bytes of the values in RocksDB. */
    long bytes() throws Exception {
      DataOutputSerializer out = new DataOutputSerializer(64);
      SequenceRecordSerializer.INSTANCE.serialize(
          new SequenceRecord(Header.fromByteArray(header), lifetime), out);
      for (int i = 0; i < pending.size(); i++) {
        if (i > 0) {
          out.writeByte(',');
        }
        BytePrimitiveArraySerializer.INSTANCE.serialize(pending.get(i), out);
      }
      if (sketch != null) {
        BytePrimitiveArraySerializer.INSTANCE.serialize(sketch, out);
      }
      if (queries != null) {
        BytePrimitiveArraySerializer.INSTANCE.serialize(queries, out);
      }
      return out.length();
    }
  }

  public RunningSequences(SequenceOptions options, Path directory) throws Exception {
    this(options, new ShelfTopic(), directory);
  }

  public RunningSequences(SequenceOptions options, AnchorsTopic topic, Path directory)
      throws Exception {
    this.topic = topic;
    this.options = options;
    this.directory = directory;
    start(null, 1);
  }

  private void start(Checkpoint from, int parallelism) throws Exception {
    for (int subtask = 0; subtask < parallelism; subtask++) {
      EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend();
      backend.setDbStoragePath(directory.toString());
      backend.getMemoryConfiguration().setFixedMemoryPerSlot("64mb");
      KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply> harness =
          new KeyedBroadcastOperatorTestHarness<>(
              new SequencesOperator(options, topic, PreparationGate::worker),
              Event::key,
              FlowTypes.KEY,
              MAX_PARALLELISM,
              parallelism,
              subtask);
      subtasks.add(harness);
      harness.setStateBackend(backend);
      harness.setup(ReplySerializer.INSTANCE);
      harness.setProcessingTime(now);
      if (from != null) {
        harness.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                from.state, MAX_PARALLELISM, from.parallelism, parallelism, subtask));
      }
      harness.open();
    }
  }

  /** Returns a sequence of a head. */
  public One sequence(String head, String id) {
    return new One(new SequenceKey(head, id, 0), 0);
  }

  /** Sends an event. */
  public void take(Event event) throws Exception {
    subtasks.get(subtaskOf(new One(event.key(), 0))).processElement(event, 0);
  }

  /** Advances processing time, timer by timer. */
  public void pass(Duration time) throws Exception {
    now += time.toMillis();
    for (var subtask : subtasks) {
      subtask.setProcessingTime(now);
    }
  }

  public long now() {
    return now;
  }

  /** Sends a record of the anchors topic to every subtask, and waits until the set is prepared. */
  public RawRecord broadcast(String head, byte[] set) throws Exception {
    RawRecord record = broadcastUnprepared(head, set);
    awaitPrepared(head, set);
    return record;
  }

  /** Sends a record of the anchors topic to every subtask. */
  public RawRecord broadcastUnprepared(String head, byte[] set) throws Exception {
    long offset = records++;
    RawRecord record =
        new RawRecord(
            "attention.anchors",
            0,
            offset,
            1_000 + offset,
            head.getBytes(StandardCharsets.UTF_8),
            set,
            Headers.NONE);
    for (var subtask : subtasks) {
      subtask.processBroadcastElement(record, 0);
    }
    return record;
  }

  /** Waits until a set is prepared, which makes it current. */
  public void awaitPrepared(String head, byte[] bytes) {
    ParsedAnchorSet parsed;
    try {
      parsed = ParsedAnchorSet.of(bytes);
    } catch (CorruptSketchException refused) {
      return;
    }
    for (HeadSpec spec : options.heads()) {
      if (spec.name().equals(head) && spec.suits(parsed.set())) {
        await().until(() -> SetPreparation.isPrepared(spec, parsed.set()));
      }
    }
  }

  /** Returns the offset of the next record. */
  public long offset() {
    return records;
  }

  /** Sends holes to every subtask, rotated by the number of the subtask. */
  public void tell(Hole... holes) throws Exception {
    for (int i = 0; i < subtasks.size(); i++) {
      List<Hole> turned = new ArrayList<>(List.of(holes));
      Collections.rotate(turned, i);
      for (Hole hole : turned) {
        subtasks.get(i).processBroadcastElement(hole.toRecord(), -1);
      }
    }
  }

  /** Returns the holes in broadcast state by partition; checks that subtasks agree. */
  public Map<Integer, List<Long>> holes() throws Exception {
    Set<Map<Integer, List<Long>>> held = new HashSet<>();
    for (var subtask : subtasks) {
      Map<Integer, List<Long>> holes = new TreeMap<>();
      for (var entry : subtask.getBroadcastState(Holes.state()).entries()) {
        holes.put(entry.getKey(), Arrays.stream(entry.getValue()).boxed().toList());
      }
      held.add(holes);
    }
    return only(List.copyOf(held));
  }

  /** Returns the names of the anchor sets in broadcast state; checks that subtasks agree. */
  public List<String> anchorSets() throws Exception {
    Set<List<String>> held = new HashSet<>();
    for (var subtask : subtasks) {
      List<String> names = new ArrayList<>();
      for (var entry : subtask.getBroadcastState(SequencesOperator.anchorSetsState()).entries()) {
        assertThat(entry.getValue().name()).isEqualTo(entry.getKey());
        names.add(entry.getKey());
      }
      names.sort(null);
      held.add(names);
    }
    return only(List.copyOf(held));
  }

  /** Returns the bytes of an anchor set in broadcast state of the first subtask. */
  public byte[] anchorSet(String name) throws Exception {
    return subtasks.get(0).getBroadcastState(SequencesOperator.anchorSetsState()).get(name).bytes();
  }

  public Checkpoint checkpoint() throws Exception {
    checkpoints++;
    OperatorSubtaskState[] states = new OperatorSubtaskState[subtasks.size()];
    for (int i = 0; i < states.length; i++) {
      states[i] = subtasks.get(i).snapshot(checkpoints, now);
    }
    return new Checkpoint(
        AbstractStreamOperatorTestHarness.repackageState(states), states.length, records);
  }

  /** Drops everything and resumes from the checkpoint. Replies that were not fetched are lost. */
  public void restore(Checkpoint checkpoint, int parallelism) throws Exception {
    close();
    records = checkpoint.records;
    start(checkpoint, parallelism);
  }

  /** Stops with a savepoint and resumes from it. Replies that were not fetched are lost. */
  public void restart(int parallelism) throws Exception {
    restore(checkpoint(), parallelism);
  }

  /** Stops with a savepoint and resumes from it with other options. */
  public void restart(SequenceOptions newOptions) throws Exception {
    Checkpoint checkpoint = checkpoint();
    options = newOptions;
    restore(checkpoint, subtasks.size());
  }

  /** Resumes from a savepoint without operator state. */
  public void restartWithoutOperatorState(int parallelism) throws Exception {
    Checkpoint now = checkpoint();
    OperatorSubtaskState state =
        now.state.toBuilder().setManagedOperatorState(StateObjectCollection.empty()).build();
    restore(new Checkpoint(state, now.parallelism, now.records), parallelism);
  }

  /** Resumes from a savepoint without counts of sequences. */
  public void restartWithoutCounts(int parallelism) throws Exception {
    Checkpoint now = checkpoint();
    List<OperatorStateHandle> without = new ArrayList<>();
    for (OperatorStateHandle handle : now.state.getManagedOperatorState()) {
      var states = new HashMap<>(handle.getStateNameToPartitionOffsets());
      assertThat(states.remove(HeadCounts.countsState().getName())).isNotNull();
      without.add(new OperatorStreamStateHandle(states, handle.getDelegateStateHandle()));
    }
    OperatorSubtaskState state =
        now.state.toBuilder().setManagedOperatorState(new StateObjectCollection<>(without)).build();
    restore(new Checkpoint(state, now.parallelism, now.records), parallelism);
  }

  /** Resumes from a savepoint that has lost an anchor set. */
  public void restartWithoutSet(String name, int parallelism) throws Exception {
    for (var subtask : subtasks) {
      subtask.getBroadcastState(SequencesOperator.anchorSetsState()).remove(name);
    }
    restart(parallelism);
  }

  public int subtaskOf(One sequence) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(
        sequence.key, MAX_PARALLELISM, subtasks.size());
  }

  /** Fetches the replies since the last fetch, in order within a subtask. */
  public List<Reply> replies() {
    List<Reply> replies = new ArrayList<>();
    for (var subtask : subtasks) {
      replies.addAll(subtask.extractOutputValues());
      subtask.getOutput().clear();
    }
    return replies;
  }

  /** Fetches the replies; advances the clock until there are some. */
  public List<Reply> awaitReplies() throws Exception {
    List<Reply> replies = replies();
    for (int tries = 0; replies.isEmpty() && tries < 1_000; tries++) {
      TimeUnit.MILLISECONDS.sleep(5);
      pass(Duration.ofMillis(5));
      replies = replies();
    }
    return replies;
  }

  /** Fetches the replies since the last fetch, which must be answers. */
  public List<Reply.Answer> answers() {
    return replies().stream().map(Reply.Answer.class::cast).toList();
  }

  /** Fetches the dead letters since the last fetch. */
  public List<DeadLetter> deadLetters() {
    List<DeadLetter> letters = new ArrayList<>();
    for (var subtask : subtasks) {
      Queue<StreamRecord<DeadLetter>> queue = subtask.getSideOutput(SideOutputs.DEAD_LETTERS);
      if (queue != null) {
        queue.forEach(letter -> letters.add(letter.getValue()));
        queue.clear();
      }
    }
    return letters;
  }

  /** Returns the sum over all subtasks of a counter in or below the group {@code onepass}. */
  public long counter(String... path) {
    return subtasks.stream()
        .mapToLong(s -> OperatorMetrics.of(Counter.class, s, path).getCount())
        .sum();
  }

  /** Returns the sum over all subtasks of a gauge. */
  public long gauge(String... path) {
    return subtasks.stream()
        .mapToLong(s -> ((Number) OperatorMetrics.of(Gauge.class, s, path).getValue()).longValue())
        .sum();
  }

  /** Returns the newest values of a histogram of all subtasks, sorted. */
  public long[] histogram(String... path) {
    return subtasks.stream()
        .map(s -> OperatorMetrics.of(Histogram.class, s, path).getStatistics().getValues())
        .flatMapToLong(Arrays::stream)
        .sorted()
        .toArray();
  }

  /** Returns the number of timers of all sequences. */
  public int timers() {
    return subtasks.stream()
        .mapToInt(AbstractStreamOperatorTestHarness::numProcessingTimeTimers)
        .sum();
  }

  /** Returns the times of the timers of all sequences. */
  public List<Long> timerTimes() throws Exception {
    List<Long> times = new ArrayList<>();
    for (var subtask : subtasks) {
      SequencesOperator operator = (SequencesOperator) subtask.getOperator();
      operator
          .getInternalTimerService("user-timers", VoidNamespaceSerializer.INSTANCE, operator)
          .forEachProcessingTimeTimer((namespace, time) -> times.add(time));
    }
    return times;
  }

  /** Returns the number of entries of keyed state of all sequences, with timers. */
  public int stateEntries() throws Exception {
    // Deleted timers stay in a write batch until a checkpoint writes it.
    checkpoint();
    return subtasks.stream()
        .map(subtask -> subtask.getOperator().<SequenceKey>getKeyedStateBackend())
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

  private RawRecord origin(SequenceKey key, String topic, int partition, Long timestamp) {
    long offset = records++;
    return new RawRecord(
        topic,
        partition,
        offset,
        timestamp == null ? 1_000 + offset : timestamp,
        key.sequence().getBytes(StandardCharsets.UTF_8),
        ("record " + offset).getBytes(StandardCharsets.UTF_8),
        Headers.NONE);
  }

  /** Sends events to one sequence and reads its state. */
  public final class One {
    private final SequenceKey key;
    private final int partition;

    /** Timestamp of the records; null for one that rises with their offset. */
    private final Long timestamp;

    private final float bias;

    private One(SequenceKey key, int partition) {
      this(key, partition, null, 0);
    }

    private One(SequenceKey key, int partition, Long timestamp, float bias) {
      this.key = key;
      this.partition = partition;
      this.timestamp = timestamp;
      this.bias = bias;
    }

    /** Returns the same sequence with records of this timestamp. */
    public One at(long millis) {
      return new One(key, partition, millis, bias);
    }

    /** Returns the same sequence with tokens of this bias. */
    public One biased(double number) {
      return new One(key, partition, timestamp, (float) number);
    }

    /** Returns the same sequence with records from another partition. */
    public One from(int another) {
      return new One(key, another);
    }

    private RawRecord origin(SequenceKey key, String topic) {
      return RunningSequences.this.origin(key, topic, partition, timestamp);
    }

    /** Makes the origin of the sequence unknown. */
    public void loseOrigin() throws Exception {
      SequenceRecord record = state(ManagedSequenceStore.headerState()).value();
      byte[] bytes = record.header().toByteArray();
      int before = Integer.BYTES + Short.BYTES;
      ByteBuffer.wrap(bytes, SINCE - before, before + Long.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(TokenOrigin.UNKNOWN.partition())
          .putShort((short) TokenOrigin.UNKNOWN.generation())
          .putLong(TokenOrigin.UNKNOWN.since());
      state(ManagedSequenceStore.headerState())
          .update(new SequenceRecord(Header.fromByteArray(bytes), record.lifetime()));
    }

    /** Sends tokens of the stream with their numbers as positions. */
    public void take(TokenStream stream, int from, int to) throws Exception {
      for (int token = from; token < to; token++) {
        take(stream, token);
      }
    }

    public RawRecord take(TokenStream stream, int token) throws Exception {
      return take(token, stream.key(token), stream.value(token));
    }

    public RawRecord takeWithoutPosition(TokenStream stream, int token) throws Exception {
      return take(Sequence.NO_POSITION, stream.key(token), stream.value(token));
    }

    public RawRecord take(long position, float[] vectorKey, float[] value) throws Exception {
      RawRecord origin = origin(key, "attention.tokens");
      send(new Event.Token(key, origin, position, vectorKey, value, false, bias, Sequence.NO_TIME));
      return origin;
    }

    public RawRecord retract(TokenStream stream, int token) throws Exception {
      return retract(stream, token, Sequence.NO_TIME);
    }

    /** Retracts a token of this timestamp. */
    public RawRecord retract(TokenStream stream, int token, long happened) throws Exception {
      RawRecord origin = origin(key, "attention.tokens");
      float[] vectorKey = stream.key(token);
      float[] value = stream.value(token);
      send(new Event.Token(key, origin, -1, vectorKey, value, true, bias, happened));
      return origin;
    }

    public void forget() throws Exception {
      send(new Event.Forget(key, origin(key, "attention.tokens")));
    }

    /** Sends a query; the answer is among the replies, at once or later. */
    RawRecord askAsOf(long asOf, String queryId, float[] queries) throws Exception {
      RawRecord origin = origin(key, "attention.queries");
      int count = queries.length / TokenStream.KEY_DIM;
      send(new Event.Query(key, origin, queryId, queries, count, asOf));
      return origin;
    }

    /** Sends a query in a record of this size. */
    void askAsOf(long asOf, String queryId, float[] queries, int recordBytes) throws Exception {
      RawRecord small = origin(key, "attention.queries");
      RawRecord origin =
          new RawRecord(
              small.topic(),
              small.partition(),
              small.offset(),
              small.timestamp(),
              small.key(),
              new byte[recordBytes],
              small.headers());
      int count = queries.length / TokenStream.KEY_DIM;
      send(new Event.Query(key, origin, queryId, queries, count, asOf));
    }

    /** Sends a query and fetches the only reply. */
    public Reply.Answer ask(float[] queries) throws Exception {
      askAsOf(0, "now", queries);
      return (Reply.Answer) only(awaitReplies());
    }

    /** Sends a recovery query; 0 for the largest k. */
    RawRecord askRecovery(int k) throws Exception {
      RawRecord origin = origin(key, "attention.queries");
      send(new Event.RecoverQuery(key, origin, "recover", k));
      return origin;
    }

    Recovery recover(int k) throws Exception {
      askRecovery(k);
      return ((Reply.Recovered) only(replies())).recovery();
    }

    public Reply.Stats stats() throws Exception {
      send(new Event.StatsQuery(key, origin(key, "attention.queries"), "stats"));
      return (Reply.Stats) only(replies());
    }

    private void send(Event event) throws Exception {
      subtasks.get(subtaskOf(this)).processElement(event, 0);
    }

    /** Returns the stored header, or null. */
    Header header() throws Exception {
      SequenceRecord record = state(ManagedSequenceStore.headerState()).value();
      return record == null ? null : record.header();
    }

    /** Returns the stored lifetime. */
    Lifetime lifetime() throws Exception {
      return state(ManagedSequenceStore.headerState()).value().lifetime();
    }

    byte[] sketch() throws Exception {
      return state(ManagedSequenceStore.sketchState()).value();
    }

    /** Returns the sketch in the backend, without changes in the cache. */
    byte[] sketchInBackend() throws Exception {
      return stateInBackend(ManagedSequenceStore.sketchState()).value();
    }

    byte[] queries() throws Exception {
      return state(ManagedSequenceStore.queriesState()).value();
    }

    /** Returns the index of the waiting events in the order of their numbers. */
    List<WaitingEntry> waiting() throws Exception {
      TreeMap<Long, WaitingEntry> entries = new TreeMap<>();
      state(WaitingEvents.indexState())
          .entries()
          .forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
      return List.copyOf(entries.values());
    }

    public Stored stored() throws Exception {
      return new Stored(
          header().toByteArray(),
          lifetime(),
          list(ManagedSequenceStore.pendingState()),
          sketch(),
          queries());
    }

    /** Returns the pending elements in the backend, without changes in the cache. */
    List<byte[]> pendingInBackend() throws Exception {
      return list(stateInBackend(ManagedSequenceStore.pendingState()));
    }

    private <T> List<T> list(ListStateDescriptor<T> descriptor) throws Exception {
      return list(state(descriptor));
    }

    private static <T> List<T> list(ListState<T> state) throws Exception {
      Iterable<T> stored = state.get();
      List<T> elements = new ArrayList<>();
      if (stored != null) {
        stored.forEach(elements::add);
      }
      return elements;
    }

    private <S extends State> S state(StateDescriptor<S, ?> descriptor) throws Exception {
      operator().writeBack();
      return stateInBackend(descriptor);
    }

    private SequencesOperator operator() {
      return (SequencesOperator) subtasks.get(subtaskOf(this)).getOperator();
    }

    private <S extends State> S stateInBackend(StateDescriptor<S, ?> descriptor) throws Exception {
      SequencesOperator operator = operator();
      operator.<SequenceKey>getKeyedStateBackend().setCurrentKey(key);
      return operator.getPartitionedState(
          VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }
  }

  private static <T> T only(List<T> elements) {
    if (elements.size() != 1) {
      throw new AssertionError("Expected one element, got " + elements);
    }
    return elements.get(0);
  }
}
