package dev.onepass.job.options;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.onepass.job.format.RecordFormat;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;

/**
 * Every option of the job. Besides these there are {@code kafka.properties.*}, which go to Kafka's
 * clients as they are, and {@code head.NAME.{key-dim,value-dim,scale,state-size}}.
 */
public final class OnepassOptions {

  /** Prefix of options that go to Kafka's clients. */
  public static final String KAFKA_PROPERTIES = "kafka.properties.";

  /** Prefix of options that only some sketches know; they reach them by name. */
  public static final String ONEPASS = "onepass.";

  /** Prefix of options of one head. */
  public static final String HEAD = "head.";

  /** Kafka brokers. */
  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      key("kafka.bootstrap.servers")
          .stringType()
          .noDefaultValue()
          .withDescription("Kafka brokers, host:port, separated by commas.");

  /** What a failure may do to answers. */
  public static final ConfigOption<Guarantee> DELIVERY_GUARANTEE =
      key("kafka.delivery-guarantee")
          .enumType(Guarantee.class)
          .defaultValue(Guarantee.AT_LEAST_ONCE)
          .withDescription(
              "at-least-once: after a failure some queries may be answered twice. exactly-once: never, and readers with isolation.level read_committed see answers when a checkpoint completes.");

  /** Names the job's transactions. */
  public static final ConfigOption<String> TRANSACTIONAL_ID_PREFIX =
      key("kafka.transactional-id-prefix")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Begin of the job's transactional ids, the same for the job's whole life. No other job's ids on these brokers may begin with it: the job aborts what such ids left open in its output topics. Needed for exactly-once.");

  /** How long a transaction may stay open. */
  public static final ConfigOption<Duration> TRANSACTION_TIMEOUT =
      key("kafka.transaction-timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(15))
          .withDescription(
              "How long brokers keep an open transaction. Longer than the longest restart, at most the brokers' transaction.max.timeout.ms.");

  /** What becomes of a job whose records are gone before it reads them. */
  public static final ConfigOption<LostRecords> LOST_RECORDS =
      key("kafka.lost-records")
          .enumType(LostRecords.class)
          .defaultValue(LostRecords.CONTINUE)
          .withDescription(
              "What to do where tokens or queries were deleted before they were read, or their topic was made anew. continue: go on with what is there, and tell in the log and in metrics. fail: stop the job for good, with what is gone.");

  /** Topic of tokens. */
  public static final ConfigOption<String> TOPIC_TOKENS =
      topic("tokens", "attention.tokens", "Topic that tokens come from.");

  /** Topic of queries. */
  public static final ConfigOption<String> TOPIC_QUERIES =
      topic("queries", "attention.queries", "Topic that queries come from.");

  /** Topic of answers. */
  public static final ConfigOption<String> TOPIC_OUTPUTS =
      topic("outputs", "attention.outputs", "Topic that answers go to.");

  /** Topic of refused records. */
  public static final ConfigOption<String> TOPIC_DEAD_LETTERS =
      topic("dead-letters", "attention.dead-letters", "Topic that refused records go to.");

  /** Topic of anchor sets. */
  public static final ConfigOption<String> TOPIC_ANCHORS =
      topic(
          "anchors",
          "attention.anchors",
          "Compacted topic of anchor sets; made by the job when it is missing.");

  /** Format of all records. */
  public static final ConfigOption<RecordFormat> RECORDS_FORMAT =
      key("records.format")
          .enumType(RecordFormat.class)
          .defaultValue(RecordFormat.JSON)
          .withDescription("Format of tokens, queries and answers: json or protobuf.");

  /** Bound on the vectors of one query. */
  public static final ConfigOption<Integer> QUERY_MAX_VECTORS =
      key("records.query-max-vectors")
          .intType()
          .defaultValue(1024)
          .withDescription("Most vectors that one query record may hold.");

  /** The family of sketches. */
  public static final ConfigOption<String> SKETCH_TYPE =
      key("sketch.type")
          .stringType()
          .defaultValue("hybrid")
          .withDescription(
              "What a sequence goes over to when it outgrows its bytes: hybrid, anchors, cluster, polynomial, onepass or ridge; or exact, which then refuses more tokens.");

  /** Bytes of one sequence. */
  public static final ConfigOption<String> STATE_SIZE =
      key("sketch.state-size")
          .stringType()
          .defaultValue("128KiB")
          .withDescription(
              "Bytes that one sequence may take: header, pending tokens and sketch together.");

  /** Length of keys. */
  public static final ConfigOption<Integer> KEY_DIM =
      key("sketch.key-dim")
          .intType()
          .noDefaultValue()
          .withDescription("Length of keys and queries, for heads that set none of their own.");

  /** Length of values. */
  public static final ConfigOption<Integer> VALUE_DIM =
      key("sketch.value-dim")
          .intType()
          .noDefaultValue()
          .withDescription(
              "Length of values, for heads that set none of their own; the key's length if unset.");

  /** Logit scale. */
  public static final ConfigOption<Double> SCALE =
      key("sketch.scale")
          .doubleType()
          .noDefaultValue()
          .withDescription("Multiplies q.k to give the logit; 1/sqrt(key-dim) if unset.");

  /** Seed. */
  public static final ConfigOption<Long> SEED =
      key("sketch.seed")
          .longType()
          .defaultValue(7L)
          .withDescription("Seed of whatever a sketch draws at random.");

  /** Tokens folded at once. */
  public static final ConfigOption<Integer> CUT_SIZE =
      key("sketch.cut-size")
          .intType()
          .defaultValue(0)
          .withDescription(
              "Tokens that are folded at once; 0 takes what a quarter of the state size holds, at most 256. Holds for new sequences.");

  /** Declared heads. */
  public static final ConfigOption<String> HEADS =
      key("heads")
          .stringType()
          .defaultValue("default")
          .withDescription(
              "Names of the heads, separated by commas; records of others are refused.");

  /** Anchor file. */
  public static final ConfigOption<String> ANCHORS_FILE =
      key("anchors.file")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Files of anchor sets, separated by commas, read when the job is submitted; their heads have these sets from the first token on.");

  /** Anchors of a set. */
  public static final ConfigOption<Integer> ANCHORS_COUNT =
      key("anchors.count")
          .intType()
          .defaultValue(4096)
          .withDescription("Anchors of a set that the job makes itself.");

  /** Versions kept. */
  public static final ConfigOption<Integer> ANCHORS_KEEP =
      key("anchors.keep")
          .intType()
          .defaultValue(8)
          .withDescription(
              "Newest versions of a head's anchor sets that are kept whether or not sequences have adopted them. Older ones are kept as long as sequences have them.");

  /** Whether sets are made. */
  public static final ConfigOption<Boolean> ANCHORS_LEARN =
      key("anchors.learn")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether the job makes the anchor set of a head that has none, from its first queries and keys. Only for sketches that use anchors.");

  /** Patience of the learner. */
  public static final ConfigOption<Duration> ANCHORS_LEARN_AFTER =
      key("anchors.learn-after")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "How long after the first sample of a head fewer samples than wanted have to do for its anchor set.");

  /** Order in which records apply. */
  public static final ConfigOption<Order> ORDER_MODE =
      key("order.mode")
          .enumType(Order.class)
          .defaultValue(Order.ARRIVAL)
          .withDescription(
              "arrival: a query sees every token accepted before it. event-time: tokens and queries apply in the order of their Kafka timestamps, tokens before queries of the same one; late records are dead letters.");

  /** Lateness. */
  public static final ConfigOption<Duration> ORDER_LATENESS =
      key("order.lateness")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription(
              "By how much timestamps within a partition may go back in event-time order. So long every record waits for those behind it.");

  /** Idleness. */
  public static final ConfigOption<Duration> ORDER_IDLENESS =
      key("order.idleness")
          .durationType()
          .defaultValue(Duration.ofMinutes(1))
          .withDescription(
              "A partition that is silent for so long is not waited for in event-time order. Where all are, nothing is.");

  /** Bound on timestamps. */
  public static final ConfigOption<Duration> ORDER_AHEAD =
      key("order.ahead")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription(
              "How far timestamps may be ahead of the workers' clocks in event-time order; a record beyond that is a dead letter.");

  /** Patience of as_of. */
  public static final ConfigOption<Duration> AS_OF_TIMEOUT =
      key("as-of.timeout")
          .durationType()
          .defaultValue(Duration.ofMinutes(1))
          .withDescription(
              "How long a query waits for its as_of before it is answered with what there is.");

  /** Queries that may wait. */
  public static final ConfigOption<Integer> AS_OF_MAX_WAITING =
      key("as-of.max-waiting")
          .intType()
          .defaultValue(100_000)
          .withDescription(
              "Queries that may wait for one sequence; one more is answered at once. Their bytes are bounded as well, by as-of.max-bytes.");

  /** Bytes of what waits in one sequence. */
  public static final ConfigOption<String> AS_OF_MAX_BYTES =
      key("as-of.max-bytes")
          .stringType()
          .defaultValue("16MiB")
          .withDescription(
              "Bytes of the records that may wait in state for one sequence. A query that exceeds them is answered at once.");

  /** Bytes of what waits in all sequences of a subtask. */
  public static final ConfigOption<String> AS_OF_MAX_TASK_BYTES =
      key("as-of.max-task-bytes")
          .stringType()
          .defaultValue("256MiB")
          .withDescription(
              "Bytes of the records that may wait in state for all sequences of a subtask together. A query that exceeds them is answered at once.");

  /** Bytes of older versions. */
  public static final ConfigOption<String> ANCHORS_HELD_BYTES =
      key("anchors.held-bytes")
          .stringType()
          .defaultValue("256MiB")
          .withDescription(
              "Bytes that the versions of a head's anchor sets before the anchors.keep newest may take. A new version that would exceed them is refused.");

  /** Heap for factors. */
  public static final ConfigOption<String> ANCHORS_FACTOR_CACHE =
      key("anchors.factor-cache")
          .stringType()
          .defaultValue("256MiB")
          .withDescription(
              "Heap of each process for the factors that answers from anchor sets need. The factor that was used longest ago makes room for a new one.");

  /** Life of a silent sequence. */
  public static final ConfigOption<Duration> STATE_TTL =
      key("state.ttl")
          .durationType()
          .noDefaultValue()
          .withDescription(
              "A sequence without a token for so long is dropped; sequences stay for ever if unset.");

  /** Heap for the newest state of sequences. */
  public static final ConfigOption<String> STATE_CACHE =
      key("state.cache-size")
          .stringType()
          .defaultValue("64MiB")
          .withDescription(
              "Heap of each subtask that keeps the state of the sequences touched last, 32MiB for example; it is written to the state backend before each checkpoint. 0B writes each sequence as soon as another one is touched.");

  /** Sequences whose answers are measured. */
  public static final ConfigOption<Integer> SHADOW_ONE_IN =
      key("shadow.one-in")
          .intType()
          .defaultValue(0)
          .withDescription(
              "Of so many sequences one, chosen by its id, keeps all its tokens beside its sketch, so that the true errors of its answers are measured; 0 for none.");

  /** Tokens kept for measurements. */
  public static final ConfigOption<Integer> SHADOW_TOKENS =
      key("shadow.tokens")
          .intType()
          .defaultValue(16_384)
          .withDescription(
              "Tokens and retractions that such a sequence keeps; with one more they are dropped, and it is not measured any more.");

  /** Half-life of tokens. */
  public static final ConfigOption<Duration> DECAY_HALF_LIFE =
      key("decay.half-life")
          .durationType()
          .noDefaultValue()
          .withDescription("After how long a token weighs half.");

  /** Shards of hot sequences. */
  public static final ConfigOption<Integer> SHARDS_COUNT =
      key("shards.count")
          .intType()
          .defaultValue(1)
          .withDescription(
              "Shards that each sequence of shards.sequences is kept in, so that as many task threads share its tokens: a power of two up to 128.");

  /** Hot sequences. */
  public static final ConfigOption<String> SHARDS_SEQUENCES =
      key("shards.sequences")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Ids of the hot sequences that are sharded, in all heads, separated by commas; * for every sequence. Their tokens need positions.");

  /** Form of the one-pass algorithm. */
  public static final ConfigOption<String> ONEPASS_FORM =
      key("onepass.form")
          .stringType()
          .defaultValue("outputs")
          .withDescription(
              "What sketch.type onepass keeps: outputs, where queries may come between tokens; paper or moments, where the first query ends a sequence's tokens.");

  /** Bound on logits. */
  public static final ConfigOption<Double> ONEPASS_LOGIT_BOUND =
      key("onepass.logit-bound")
          .doubleType()
          .defaultValue(1.0)
          .withDescription(
              "Bound on |logit|, relative to the mean key, that the polynomial is made for.");

  /** Tolerance of the polynomial. */
  public static final ConfigOption<Double> ONEPASS_TOLERANCE =
      key("onepass.tolerance")
          .doubleType()
          .defaultValue(0.01)
          .withDescription("Relative error of exp within the logit bound.");

  /** Whether a lower degree will do. */
  public static final ConfigOption<Boolean> ONEPASS_DEGRADE =
      key("onepass.degrade")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether to take the highest even degree that fits where the state size does not hold the one that bound and tolerance ask for; false refuses to start instead.");

  /** Entries recovered. */
  public static final ConfigOption<Integer> ONEPASS_RECOVER_K =
      key("onepass.recover-k")
          .intType()
          .defaultValue(16)
          .withDescription("Entries of a column that recovery is made for.");

  /** Error of recovery. */
  public static final ConfigOption<Double> ONEPASS_EPS1 =
      key("onepass.eps1")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Error of recovery, relative to the best sparse approximation; what the state size buys if unset.");

  /** Error of the product. */
  public static final ConfigOption<Double> ONEPASS_EPS2 =
      key("onepass.eps2")
          .doubleType()
          .noDefaultValue()
          .withDescription(
              "Error of the product of sk(K) and sk(V) in the form paper; what the state size buys if unset.");

  private static final List<ConfigOption<String>> SEVERAL =
      List.of(BOOTSTRAP_SERVERS, HEADS, ANCHORS_FILE, SHARDS_SEQUENCES);

  private OnepassOptions() {}

  /** What a failure may do to answers. */
  public enum Guarantee {
    /** Doubled, never lost. */
    AT_LEAST_ONCE,
    /** Neither doubled nor lost. */
    EXACTLY_ONCE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What becomes of a job whose records are gone before it reads them. */
  public enum LostRecords {
    /** Goes on with what is there, and tells. */
    CONTINUE,
    /** Stops for good. */
    FAIL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The order in which records apply. */
  public enum Order {
    /** As they arrive. */
    ARRIVAL,
    /** By their timestamps. */
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

  /** All options above, in the order of this file. */
  public static List<ConfigOption<?>> all() {
    return List.copyOf(types().keySet());
  }

  /** The type of an option's value: the one that its field above is declared with. */
  static Class<?> typeOf(ConfigOption<?> option) {
    return types().get(option);
  }

  /** Whether an option of this name may stand there; which heads there are is another question. */
  static boolean isKnown(String name) {
    return name.startsWith(KAFKA_PROPERTIES)
        || name.startsWith(HEAD)
        || all().stream().anyMatch(option -> option.key().equals(name));
  }

  /** Whether the option of this name takes several values, separated by commas or as a list. */
  static boolean takesSeveral(String name) {
    return SEVERAL.stream().anyMatch(option -> option.key().equals(name))
        || name.startsWith(KAFKA_PROPERTIES)
            && KafkaPropertiesCheck.isList(name.substring(KAFKA_PROPERTIES.length()));
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
