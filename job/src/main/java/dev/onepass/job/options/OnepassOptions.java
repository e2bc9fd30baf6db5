// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.sequence.WideKeys;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

/**
 * All options of the job. In addition, the job takes {@code kafka.properties.*}, which it passes to
 * Kafka's clients unchanged, and {@code head.NAME.{key-dim,value-dim,scale,state-size,columns}} and
 * the like.
 */
@PublicEvolving
public final class OnepassOptions {

  /** Prefix of properties for Kafka's clients. */
  public static final String KAFKA_PROPERTIES = "kafka.properties.";

  /** Prefix of options that only some families use; they read them by name. */
  public static final String ONEPASS = "onepass.";

  /** Prefix of options of one head. */
  public static final String HEAD = "head.";

  /** Kafka brokers. */
  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      key("kafka.bootstrap.servers")
          .stringType()
          .noDefaultValue()
          .withDescription("Kafka brokers as host:port, separated by commas.");

  /** Guarantee for answers after a failure. */
  public static final ConfigOption<Guarantee> DELIVERY_GUARANTEE =
      key("kafka.delivery-guarantee")
          .enumType(Guarantee.class)
          .defaultValue(Guarantee.AT_LEAST_ONCE)
          .withDescription(
              "Guarantee for answers and dead letters after a failure. at-least-once: some queries may be answered twice. exactly-once: every query is answered once; readers with isolation.level read_committed see answers when a checkpoint completes.");

  /** Prefix of the job's transactional ids. */
  public static final ConfigOption<String> TRANSACTIONAL_ID_PREFIX =
      key("kafka.transactional-id-prefix")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Prefix of the job's transactional ids; required for exactly-once. Never change it, and share it with no other job on these brokers: the job aborts the transactions that such ids left open in its output topics.");

  /** Time after which brokers abort an open transaction. */
  public static final ConfigOption<Duration> TRANSACTION_TIMEOUT =
      key("kafka.transaction-timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(15))
          .withDescription(
              "Time after which brokers abort an open transaction, at most 24 d. Set it above the longest restart, and at most to the brokers' transaction.max.timeout.ms.");

  /** Reaction to records that were deleted before the job read them. */
  public static final ConfigOption<LostRecords> LOST_RECORDS =
      key("kafka.lost-records")
          .enumType(LostRecords.class)
          .defaultValue(LostRecords.CONTINUE)
          .withDescription(
              "Reaction to tokens or queries that Kafka deleted before the job read them, and to a topic that was deleted and created again. continue: read on from what is left, and report the loss in the log and in metrics. fail: stop the job, without restarts.");

  /** Topic of tokens. */
  public static final ConfigOption<String> TOPIC_TOKENS =
      topic("tokens", "attention.tokens", "Topic that the job reads tokens from.");

  /** Topic of queries. */
  public static final ConfigOption<String> TOPIC_QUERIES =
      topic("queries", "attention.queries", "Topic that the job reads queries from.");

  /** Topic of answers. */
  public static final ConfigOption<String> TOPIC_OUTPUTS =
      topic("outputs", "attention.outputs", "Topic that the job writes answers to.");

  /** Topic of refused records. */
  public static final ConfigOption<String> TOPIC_DEAD_LETTERS =
      topic(
          "dead-letters",
          "attention.dead-letters",
          "Topic that the job writes refused records to.");

  /** Topic of anchor sets. */
  public static final ConfigOption<String> TOPIC_ANCHORS =
      topic(
          "anchors",
          "attention.anchors",
          "Compacted topic of anchor sets. The job creates it if it is missing.");

  /** Format of records. */
  public static final ConfigOption<RecordFormat> RECORDS_FORMAT =
      key("records.format")
          .enumType(RecordFormat.class)
          .defaultValue(RecordFormat.JSON)
          .withDescription("Format of tokens, queries and answers: json or protobuf.");

  /** Maximum number of query vectors in one query. */
  public static final ConfigOption<Integer> QUERY_MAX_VECTORS =
      key("records.query-max-vectors")
          .intType()
          .defaultValue(1024)
          .withDescription(
              "Maximum number of query vectors in one query, from 1 to 1048576; a query with more is a dead letter.");

  /** Family of the sketches. */
  public static final ConfigOption<String> SKETCH_TYPE =
      key("sketch.type")
          .stringType()
          .defaultValue("hybrid")
          .withDescription(
              "Family of the sketch that a sequence switches to when it exceeds its state size: hybrid, anchors, cluster, polynomial, onepass or ridge. With exact, a full sequence refuses further tokens.");

  /** Maximum size of one sequence. */
  public static final ConfigOption<MemorySize> STATE_SIZE =
      key("sketch.state-size")
          .memoryType()
          .defaultValue(new MemorySize(128 << 10))
          .withDescription(
              "Maximum size of one sequence: header, pending block and sketch together, from 1KiB to 512MiB. A larger state size makes answers more accurate; it applies to new sequences only.");

  /** Length of keys. */
  public static final ConfigOption<Integer> KEY_DIM =
      key("sketch.key-dim")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Length of keys and query vectors, from 1 to 8192. Applies to heads that do not set head.NAME.key-dim.");

  /** Length of values. */
  public static final ConfigOption<Integer> VALUE_DIM =
      key("sketch.value-dim")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Length of values, from 1 to 8192. Applies to heads that do not set head.NAME.value-dim; the key length if unset.");

  /** Logit scale. */
  public static final ConfigOption<Double> SCALE =
      key("sketch.scale")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Factor that multiplies q.k to give the logit; 1/sqrt(key-dim) if unset. Set 1 if your queries are already scaled.");

  /** Seed. */
  public static final ConfigOption<Long> SEED =
      key("sketch.seed")
          .longType()
          .defaultValue(7L)
          .withDescription("Seed of all random draws of sketches and of the learner.");

  /** Tokens folded at once. */
  public static final ConfigOption<Integer> CUT_SIZE =
      key("sketch.cut-size")
          .intType()
          .defaultValue(0)
          .withDescription(
              "Number of tokens that are folded into the sketch at once, up to 1048576. With 0, as many tokens as a quarter of the state size holds, at most 256. Applies to new sequences only.");

  /** Declared heads. */
  public static final ConfigOption<String> HEADS =
      key("heads")
          .stringType()
          .defaultValue("default")
          .withDescription(
              "Names of the heads, separated by commas. Records of other heads are dead letters.");

  /** Files of anchor sets. */
  public static final ConfigOption<String> ANCHORS_FILE =
      key("anchors.file")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Files of anchor sets, separated by commas. They are read when the job is submitted, and their heads use them from the first token on.");

  /** Number of anchors in a learned set. */
  public static final ConfigOption<Integer> ANCHORS_COUNT =
      key("anchors.count")
          .intType()
          .defaultValue(4096)
          .withDescription(
              "Number of anchors in the sets that the job learns, from 1 to 65536. More anchors make answers more accurate and cost more memory and time per query.");

  /** Number of versions that are always kept. */
  public static final ConfigOption<Integer> ANCHORS_KEEP =
      key("anchors.keep")
          .intType()
          .defaultValue(8)
          .withDescription(
              "Number of the newest anchor set versions of a head that the job always keeps, from 1 to 1000. It keeps older versions as long as sequences use them.");

  /** Whether the job learns anchor sets. */
  public static final ConfigOption<Boolean> ANCHORS_LEARN =
      key("anchors.learn")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether the job learns an anchor set for a head that has none, from the head's first queries and keys. Only for sketches that use anchors.");

  /** Time after which fewer samples are enough. */
  public static final ConfigOption<Duration> ANCHORS_LEARN_AFTER =
      key("anchors.learn-after")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "Maximum time from the first sample of a head until the job learns its anchor set. After this time, fewer samples than planned are enough.");

  /** Maximum size of older versions. */
  public static final ConfigOption<MemorySize> ANCHORS_HELD_BYTES =
      key("anchors.held-bytes")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(256))
          .withDescription(
              "Maximum size of the anchor set versions of a head that are older than the anchors.keep newest. The job refuses a new version that would exceed it.");

  /** Heap for factors. */
  public static final ConfigOption<MemorySize> ANCHORS_FACTOR_CACHE =
      key("anchors.factor-cache")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(256))
          .withDescription(
              "Heap of each process for the matrix factors that answers from anchor sets need. A new factor replaces the one that was used longest ago; raise it if many versions or heads are in use.");

  /** Smallest share of the variance that columns keep. */
  public static final ConfigOption<Double> COLUMNS_LEAST_VARIANCE =
      key("columns.least-variance")
          .doubleType()
          .defaultValue(WideKeys.DEFAULT_LEAST_VARIANCE)
          .withDescription(
              "Smallest share of the logits' variance that the columns of a head with head.NAME.columns must keep, from 0 to 1. The job does not learn an anchor set whose columns keep less, and refuses one.");

  /** Order in which records apply. */
  public static final ConfigOption<Order> ORDER_MODE =
      key("order.mode")
          .enumType(Order.class)
          .defaultValue(Order.ARRIVAL)
          .withDescription(
              "Order in which records apply. arrival: a query sees every token accepted before it. event-time: tokens and queries apply in the order of their Kafka timestamps, tokens before queries of the same timestamp; late records are dead letters.");

  /** Maximum out-of-orderness. */
  public static final ConfigOption<Duration> ORDER_LATENESS =
      key("order.lateness")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription(
              "Maximum out-of-orderness per partition in event-time order; delays every record by this much.");

  /** Time after which a silent partition is idle. */
  public static final ConfigOption<Duration> ORDER_IDLENESS =
      key("order.idleness")
          .durationType()
          .defaultValue(Duration.ofMinutes(1))
          .withDescription(
              "Time without records after which event-time order no longer waits for a partition. If all partitions are idle, records apply without waiting. Set it above the longest transaction.timeout.ms of your producers.");

  /** Bound on timestamps. */
  public static final ConfigOption<Duration> ORDER_AHEAD =
      key("order.ahead")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "How far a record's timestamp may be ahead of the worker's clock in event-time order, and in sequences that decay by time; a record beyond that is a dead letter.");

  /** Maximum wait for {@code as_of}. */
  public static final ConfigOption<Duration> AS_OF_TIMEOUT =
      key("as-of.timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(1))
          .withDescription(
              "How long a query waits for its as_of. It is then answered from the tokens accepted so far, with timed_out: true.");

  /** Maximum number of waiting queries of a sequence. */
  public static final ConfigOption<Integer> AS_OF_MAX_WAITING =
      key("as-of.max-waiting")
          .intType()
          .defaultValue(100_000)
          .withDescription(
              "Maximum number of waiting queries per sequence, up to 100000; further ones are answered at once, with queue_full: true. as-of.max-bytes bounds their bytes as well.");

  /** Maximum size of the waiting queries of a sequence. */
  public static final ConfigOption<MemorySize> AS_OF_MAX_BYTES =
      key("as-of.max-bytes")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(16))
          .withDescription(
              "Maximum size of the waiting queries of one sequence; a query beyond it is answered at once, with queue_full: true.");

  /** Maximum size of the waiting queries of a subtask. */
  public static final ConfigOption<MemorySize> AS_OF_MAX_TASK_BYTES =
      key("as-of.max-task-bytes")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(256))
          .withDescription(
              "Maximum size of the waiting queries of all sequences of a subtask together; a query beyond it is answered at once, with queue_full: true.");

  /** Time after which a silent sequence is dropped. */
  public static final ConfigOption<Duration> STATE_TTL =
      key("state.ttl")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "Time without a token after which a sequence is dropped. Sequences are kept indefinitely if unset.");

  /** Heap for the sequences used last. */
  public static final ConfigOption<MemorySize> STATE_CACHE =
      key("state.cache-size")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(64))
          .withDescription(
              "Heap of each subtask for the sequences that it used last. They are written to the state backend before each checkpoint; with 0B a sequence is written as soon as the subtask uses another one.");

  /** Share of the sequences whose answers are measured. */
  public static final ConfigOption<Integer> SHADOW_ONE_IN =
      key("shadow.one-in")
          .intType()
          .defaultValue(0)
          .withDescription(
              "Keeps a shadow (an exact copy) of one in this many sequences, chosen by sequence id, to measure the true error of answers; 0 keeps none.");

  /** Maximum number of tokens in a shadow. */
  public static final ConfigOption<Integer> SHADOW_TOKENS =
      key("shadow.tokens")
          .intType()
          .defaultValue(16_384)
          .withDescription(
              "Maximum number of tokens and retractions in a shadow, from 1 to 1048576. A sequence that exceeds it loses its shadow and is no longer measured.");

  /** Half-life of tokens. */
  public static final ConfigOption<Duration> DECAY_HALF_LIFE =
      key("decay.half-life")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "Age at which a token counts half, from 1 ms to 36500 d: its weight halves with each half-life between its record's timestamp and the query's. For users, sensors and sessions whose past fades with time, also while no tokens come. Tokens do not decay if unset. Applies to new sequences only.");

  /** Half-life in tokens. */
  public static final ConfigOption<Long> DECAY_HALF_LIFE_TOKENS =
      key("decay.half-life-tokens")
          .longType()
          .noDefaultValue()
          .withDescription(
              "Number of newer tokens after which a token counts half, at least 1. For streams in which the number of tokens matters and the time between them does not, or whose timestamps mean nothing. A head decays by time or by tokens, not both. Applies to new sequences only.");

  /** Share of heavy keys. */
  public static final ConfigOption<Double> HEAVY_SHARE =
      key("heavy.share")
          .doubleType()
          .defaultValue(0.0)
          .withDescription(
              "Largest share of the state size that heavy keys may take, from 0 to 0.5; 0 keeps none. Heavy keys are outliers, which are kept exactly next to the sketch. They take only the bytes that they need. Set 0.1 if single tokens must be found among many. Applies to heads that do not set head.NAME.heavy.share, and to new sequences only.");

  /** Degree of heavy keys. */
  public static final ConfigOption<Integer> HEAVY_DEGREE =
      key("heavy.degree")
          .intType()
          .defaultValue(HeavyFamily.DEFAULT_DEGREE)
          .withDescription(
              "Power p of |q.k|^p by which heavy keys are found: 2, 4 or 6. A larger power finds keys that are outliers in rarer ways, and takes key-dim^p / 4 bytes or more. Applies to heads that do not set head.NAME.heavy.degree.");

  /** Shards of hot sequences. */
  public static final ConfigOption<Integer> SHARDS_COUNT =
      key("shards.count")
          .intType()
          .defaultValue(1)
          .withDescription(
              "Number of shards of each sequence in shards.sequences, a power of two up to 128. Raise it when one task cannot keep up with the tokens of a hot sequence.");

  /** Hot sequences. */
  public static final ConfigOption<String> SHARDS_SEQUENCES =
      key("shards.sequences")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Ids of the hot sequences to shard in all heads, separated by commas; * shards every sequence. Their tokens need positions.");

  /** Form of the one-pass algorithm. */
  public static final ConfigOption<String> ONEPASS_FORM =
      key("onepass.form")
          .stringType()
          .defaultValue("outputs")
          .withDescription(
              "Form of sketch.type onepass. outputs: queries and tokens may alternate. directions: as outputs, but the product of keys and values is kept in fewer columns, and a token takes time by its numbers other than 0. paper, moments: the first query ends a sequence's tokens.");

  /** Bound on logits. */
  public static final ConfigOption<Double> ONEPASS_LOGIT_BOUND =
      key("onepass.logit-bound")
          .doubleType()
          .defaultValue(1.0)
          .withDescription(
              "Bound on |logit|, relative to the mean key, for which the polynomial is made; above 0, at most 30.");

  /** Tolerance of the polynomial. */
  public static final ConfigOption<Double> ONEPASS_TOLERANCE =
      key("onepass.tolerance")
          .doubleType()
          .defaultValue(0.01)
          .withDescription(
              "Relative error of exp within the logit bound; between 0 and 1. A smaller tolerance needs a higher degree and a larger state size.");

  /** Whether the degree may be lowered. */
  public static final ConfigOption<Boolean> ONEPASS_DEGRADE =
      key("onepass.degrade")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether to lower the degree of the polynomial if the state size does not hold the degree that bound and tolerance require. With false the job refuses to start instead.");

  /** Entries recovered. */
  public static final ConfigOption<Integer> ONEPASS_RECOVER_K =
      key("onepass.recover-k")
          .intType()
          .defaultValue(16)
          .withDescription(
              "Number of entries per column that recovery supports, up to 4096; 0 turns recovery off.");

  /** Error of recovery. */
  public static final ConfigOption<Double> ONEPASS_EPS1 =
      key("onepass.eps1")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Error of recovery, relative to the best sparse approximation; from 0 to 1. If unset, the smallest error that the state size allows.");

  /** Error of the product. */
  public static final ConfigOption<Double> ONEPASS_EPS2 =
      key("onepass.eps2")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Error of the product of sk(K) and sk(V) in the form paper; from 0 to 1. If unset, the smallest error that the state size allows.");

  private static final List<ConfigOption<String>> SEVERAL =
      List.of(BOOTSTRAP_SERVERS, HEADS, ANCHORS_FILE, SHARDS_SEQUENCES);

  private OnepassOptions() {}

  /** Guarantee for answers after a failure. */
  public enum Guarantee {
    /** Answers may be doubled, but not lost. */
    AT_LEAST_ONCE,
    /** Answers are neither doubled nor lost. */
    EXACTLY_ONCE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Reaction to records that were deleted before the job read them. */
  public enum LostRecords {
    /** Reads on from what is left, and reports the loss. */
    CONTINUE,
    /** Stops the job without restarts. */
    FAIL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The order in which records apply. */
  public enum Order {
    /** Records apply as they arrive. */
    ARRIVAL,
    /** Records apply by their timestamps. */
    EVENT_TIME;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static ConfigOption<String> topic(String name, String defaultTopic, String description) {
    return key("topics." + name)
        .stringType()
        .defaultValue(defaultTopic)
        .withDescription(description);
  }

  /** Returns all options above, in the order of this file. */
  public static List<ConfigOption<?>> all() {
    return List.copyOf(types().keySet());
  }

  /** Returns the type of an option's value, which the declaration of its field states. */
  static Class<?> typeOf(ConfigOption<?> option) {
    return types().get(option);
  }

  /** Returns whether the name is that of an option. Does not check which heads are declared. */
  static boolean isKnown(String name) {
    return name.startsWith(KAFKA_PROPERTIES)
        || name.startsWith(HEAD)
        || all().stream().anyMatch(option -> option.key().equals(name));
  }

  /** Returns whether the option takes several values, separated by commas or as a list. */
  static boolean takesSeveral(String name) {
    return SEVERAL.stream().anyMatch(option -> option.key().equals(name))
        || (name.startsWith(KAFKA_PROPERTIES)
            && ClientDefinitions.isList(name.substring(KAFKA_PROPERTIES.length())));
  }

  private static Map<ConfigOption<?>, Class<?>> types() {
    Map<ConfigOption<?>, Class<?>> types = new LinkedHashMap<>();
    for (Field field : OnepassOptions.class.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers())
          && field.getGenericType() instanceof ParameterizedType type
          && type.getRawType() == ConfigOption.class) {
        try {
          types.put((ConfigOption<?>) field.get(null), (Class<?>) type.getActualTypeArguments()[0]);
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return types;
  }
}
