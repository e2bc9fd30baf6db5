// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.heavy.HeavyFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {

  /** Returns the minimal options, plus alternating names and values. */
  private static Map<String, String> options(String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("sketch.key-dim", "16");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  private static JobSettings check(String... more) {
    return SettingsReader.read(options(more));
  }

  private static List<String> problems(Map<String, String> options) {
    OptionsException refusal =
        catchThrowableOfType(OptionsException.class, () -> SettingsReader.read(options));
    assertThat(refusal).as("refusal of %s", options).isNotNull();
    List<String> lines = refusal.getMessage().lines().toList();
    assertThat(lines.get(0)).isEqualTo("The job cannot start with these options:");
    return lines.stream().skip(1).map(line -> line.substring("  - ".length())).toList();
  }

  @Test
  void defaults() {
    JobSettings settings = check();
    assertThat(settings.bootstrapServers()).isEqualTo("localhost:1");
    assertThat(settings.guarantee()).isEqualTo(OnepassOptions.Guarantee.AT_LEAST_ONCE);
    assertThat(settings.transactionTimeout()).isEqualTo(Duration.ofMinutes(15));
    assertThat(settings.kafkaProperties()).isEmpty();
    assertThat(settings.topics())
        .isEqualTo(
            new JobSettings.Topics(
                "attention.tokens",
                "attention.queries",
                "attention.outputs",
                "attention.dead-letters",
                "attention.anchors"));
    assertThat(settings.queryMaxVectors()).isEqualTo(1024);
    assertThat(settings.sequences().asOfTimeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.sequences().waiting().queries()).isEqualTo(100_000);
    assertThat(settings.sequences().timeToLive()).isNull();
    assertThat(settings.sequences().shadows()).isEqualTo(new ShadowSampling(0, 16_384));
    assertThat(settings.sequences().anchors().given()).isEmpty();
    assertThat(settings.sequences().anchors().keep()).isEqualTo(8);
    assertThat(settings.sequences().anchors().count()).isEqualTo(4_096);
    assertThat(settings.sequences().anchors().learnAfter()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.sequences().heads())
        .singleElement()
        .satisfies(
            head -> {
              assertThat(head.name()).isEqualTo("default");
              assertThat(head.keyDim()).isEqualTo(16);
              assertThat(head.valueDim()).isEqualTo(16);
              assertThat(head.scale()).isEqualTo(0.25);
              assertThat(head.stateSize()).isEqualTo(128 * 1024);
              assertThat(head.cutSize()).isZero();
              assertThat(head.family().name()).isEqualTo("hybrid");
            });
    assertThat(settings.describeHeads())
        .singleElement()
        .asString()
        .startsWith("head default: exact up to ");
  }

  @Test
  void theExampleFileIsValid() {
    JobSettings settings =
        SettingsReader.read(
            OptionsReader.read(
                new String[] {"--config", "../docker/job.yaml", "--records.format", "protobuf"}));
    assertThat(settings.sequences().heads())
        .extracting(HeadSpec::name)
        .containsExactly("L0H7", "L3H9", "L1H2", "h");
    assertThat(settings.sequences().timeToLive()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void shadows() {
    assertThat(check("shadow.one-in", "1000", "shadow.tokens", "64").sequences().shadows())
        .isEqualTo(new ShadowSampling(1000, 64));
    assertThat(problems(options("shadow.one-in", "-1", "shadow.tokens", "0")))
        .containsExactly(
            "shadow.one-in must be from 0 to 2147483647, not -1",
            "shadow.tokens must be from 1 to 1048576, not 0");
  }

  @Test
  void everyOptionIsRead() {
    JobSettings settings =
        check(
            "kafka.delivery-guarantee", "exactly-once",
            "kafka.transactional-id-prefix", "here",
            "kafka.transaction-timeout", "10 min",
            "kafka.properties.linger.ms", "5",
            "topics.tokens", "t",
            "topics.queries", "q",
            "topics.outputs", "o",
            "topics.dead-letters", "d",
            "topics.anchors", "a",
            "records.format", "json",
            "records.query-max-vectors", "7",
            "sketch.type", "exact",
            "sketch.state-size", "64KiB",
            "sketch.value-dim", "8",
            "sketch.scale", "-0.5",
            "sketch.seed", "-9",
            "sketch.cut-size", "12",
            "order.mode", "arrival",
            "as-of.timeout", "500 ms",
            "as-of.max-waiting", "0",
            "state.ttl", "1h",
            "anchors.count", "100",
            "anchors.keep", "3",
            "anchors.learn", "true",
            "anchors.learn-after", "20 s",
            "shards.count", "4",
            "shards.sequences", "hot, warm",
            "onepass.form", "moments",
            "onepass.degrade", "false",
            "onepass.recover-k", "3",
            "onepass.eps1", "0.5",
            "onepass.eps2", "0.25",
            "onepass.logit-bound", "2.5",
            "onepass.tolerance", "1e-3");
    assertThat(settings.guarantee()).isEqualTo(OnepassOptions.Guarantee.EXACTLY_ONCE);
    assertThat(settings.transactionalIdPrefix()).isEqualTo("here");
    assertThat(settings.transactionTimeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.kafkaProperties()).isEqualTo(Map.of("linger.ms", "5"));
    assertThat(settings.topics()).isEqualTo(new JobSettings.Topics("t", "q", "o", "d", "a"));
    assertThat(settings.queryMaxVectors()).isEqualTo(7);
    assertThat(settings.sequences().asOfTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.sequences().waiting().queries()).isZero();
    assertThat(settings.sequences().timeToLive()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.sequences().anchors())
        .as("a sketch without anchors learns none")
        .isEqualTo(new AnchorOptions(List.of(), 3, false, 100, Duration.ofSeconds(20)));
    assertThat(settings.sequences().sharding())
        .isEqualTo(new ShardOptions(4, Set.of("hot", "warm")));
    HeadSpec head = settings.sequences().heads().get(0);
    assertThat(head.family().name()).isEqualTo("exact");
    assertThat(head.stateSize()).isEqualTo(64 * 1024);
    assertThat(head.valueDim()).isEqualTo(8);
    assertThat(head.scale()).isEqualTo(-0.5);
    assertThat(head.seed()).isEqualTo(-9);
    assertThat(head.cutSize()).isEqualTo(12);
    assertThat(head.parameters())
        .isEqualTo(
            Map.of(
                "onepass.form", "moments",
                "onepass.degrade", "false",
                "onepass.recover-k", "3",
                "onepass.eps1", "0.5",
                "onepass.eps2", "0.25",
                "onepass.logit-bound", "2.5",
                "onepass.tolerance", "0.001"));
  }

  @Test
  void recordsApplyAsTheyArriveByDefault() {
    assertThat(check().sequences().eventTime()).isNull();
    assertThat(check("order.mode", "event-time").sequences().eventTime())
        .isEqualTo(
            new EventTime(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofMinutes(10)));
    assertThat(
            check(
                    "order.mode", "event-time",
                    "order.lateness", "0 s",
                    "order.idleness", "10 s",
                    "order.ahead", "2 h")
                .sequences()
                .eventTime())
        .isEqualTo(new EventTime(Duration.ZERO, Duration.ofSeconds(10), Duration.ofHours(2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          order.lateness | PT-1S   | order.lateness: 'PT-1S' is not valid: a time cannot be negative
          order.lateness | 36501 d | order.lateness must be from 0 ms to 36500 d, not 36501 d
          order.lateness | -1 s    | order.lateness: '-1 s' is not valid
          order.lateness | a while | order.lateness: 'a while' is not valid
          order.idleness | 0 ms    | order.idleness must be from 1 ms to 36500 d, not 0 ms
          order.idleness | PT-1S   | order.idleness: 'PT-1S' is not valid: a time cannot be negative
          order.idleness | never   | order.idleness: 'never' is not valid
          order.ahead    | 0 ms    | order.ahead must be from 1 ms to 36500 d, not 0 ms
          order.ahead    | 36501 d | order.ahead must be from 1 ms to 36500 d, not 36501 d
          order.ahead    | -1 min  | order.ahead: '-1 min' is not valid
          """)
  void eventTimeChecksItsTimes(String option, String value, String sentence) {
    assertThat(problems(options("order.mode", "event-time", option, value)))
        .singleElement()
        .asString()
        .startsWith(sentence);
  }

  @Test
  void headsOverrideCommonOptions() {
    List<HeadSpec> heads =
        check(
                "heads", " a , b.c",
                "head.a.key-dim", "4",
                "head.b.c.value-dim", "3",
                "head.b.c.scale", "2",
                "head.b.c.state-size", "256KiB")
            .sequences()
            .heads();
    assertThat(heads).extracting(HeadSpec::name).containsExactly("a", "b.c");
    assertThat(heads).extracting(HeadSpec::keyDim).containsExactly(4, 16);
    assertThat(heads).extracting(HeadSpec::valueDim).containsExactly(4, 3);
    assertThat(heads).extracting(HeadSpec::scale).containsExactly(0.5, 2.0);
    assertThat(heads).extracting(HeadSpec::stateSize).containsExactly(131072, 262144);
  }

  @Test
  void heavyKeysAreSetForAllHeadsAndForOne() {
    List<HeadSpec> heads =
        check(
                "heads", "a,b.c,d",
                "heavy.share", "0.1",
                "head.b.c.heavy.share", "0.3",
                "head.b.c.heavy.degree", "4",
                "head.d.heavy.share", "0",
                "sketch.key-dim", "4")
            .sequences()
            .heads();
    assertThat(heads)
        .extracting(HeadSpec::family)
        .containsExactly(
            SketchFamilies.withHeavyKeys(AnchoredFamily.HYBRID),
            SketchFamilies.withHeavyKeys(AnchoredFamily.HYBRID),
            AnchoredFamily.HYBRID);
    assertThat(heads)
        .extracting(head -> head.parameters().get(HeavyFamily.SHARE))
        .containsExactly("0.1", "0.3", null);
    assertThat(heads)
        .extracting(head -> head.parameters().get(HeavyFamily.DEGREE))
        .containsExactly("2", "4", null);
  }

  /** The sentence says which share, degree or state size would fit. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.01 | 2 | 128KiB | heavy.share of 0.01 is 1310 bytes | a share of 0.019 is enough
          0.1  | 4 | 128KiB | heavy.share of 0.1 is 13107 bytes | heavy.degree 2 takes 2440 bytes
          0.5  | 2 | 4KiB   | heavy.share of 0.5 is 2048 bytes  | a state size of about 5 KiB is enough
          """)
  void aShareThatHoldsNoKeyNamesWhatWouldFit(
      String share, String degree, String size, String sentence, String advice) {
    Map<String, String> options =
        options(
            "sketch.key-dim", "32",
            "sketch.state-size", size,
            "heavy.share", share,
            "heavy.degree", degree);
    assertThat(problems(options)).singleElement().asString().contains(sentence).contains(advice);
  }

  @Test
  void exactSequencesHaveNoHeavyKeys() {
    assertThat(problems(options("sketch.type", "exact", "heavy.share", "0.1")))
        .singleElement()
        .asString()
        .startsWith("heavy.share has no use with sketch.type exact");
  }

  @Test
  void keyDimOfEveryHeadReplacesTheCommonOne() {
    Map<String, String> options = options("heads", "a,b", "head.a.key-dim", "4");
    options.remove("sketch.key-dim");
    assertThat(problems(options))
        .containsExactly(
            "sketch.key-dim is missing; set the length of keys, or set head.b.key-dim for this head only");
    options.put("head.b.key-dim", "5");
    assertThat(SettingsReader.read(options).sequences().heads())
        .extracting(HeadSpec::keyDim)
        .containsExactly(4, 5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          onepass.form      | sideways | onepass.form must be paper, moments, outputs or directions, not sideways
          onepass.recover-k | -1       | onepass.recover-k must be from 0 to 4096, not -1
          onepass.eps1      | 2        | onepass.eps1 must be from 0 to 1, not 2
          onepass.degrade   | false    | onepass.degrade
          """)
  void theOnepassSketchNamesWhatDoesNotFit(String option, String value, String sentence) {
    Map<String, String> options =
        options("sketch.type", "onepass", "sketch.key-dim", "32", option, value);
    assertThat(problems(options)).singleElement().asString().contains(sentence);
  }

  @Test
  void theOnepassSketchStartsWithItsDefaults() {
    HeadSpec head =
        SettingsReader.read(options("sketch.type", "onepass", "sketch.value-dim", "2"))
            .sequences()
            .heads()
            .get(0);
    assertThat(head.family().name()).isEqualTo("onepass");
    assertThat(head.check()).contains("onepass (outputs)", "k 16");
  }

  @Test
  void allProblemsAreListedAtOnce() {
    Map<String, String> options =
        options(
            "sketch.type", "magic",
            "order.mode", "event-time",
            "order.idleness", "0 s",
            "records.format", "xml",
            "kafka.delivery-guarantee", "exactly-once",
            "topics.queries", "attention.tokens",
            "heads", "a,b",
            "head.a.keydim", "3",
            "head.c.key-dim", "3",
            "state.ttl", "soon",
            "sketch.state-size", "a lot",
            "parallelism.default", "4");
    options.remove("sketch.key-dim");
    options.remove("kafka.bootstrap.servers");
    assertThat(problems(options))
        .containsExactlyInAnyOrder(
            "kafka.bootstrap.servers is missing; set the brokers as host:port, separated by commas",
            "kafka.transactional-id-prefix is missing; exactly-once requires it; set a prefix that no other job on these brokers uses, and do not change it later",
            "topics.queries: 'attention.tokens' is already the name of another topic; set a different name",
            "records.format: 'xml' is not valid: write json or protobuf, in lower case",
            "order.idleness must be from 1 ms to 36500 d, not 0 s",
            "sketch.type: 'magic' is not known; set "
                + SketchFamilies.all().stream()
                    .map(SketchFamily::name)
                    .collect(Collectors.joining(" or ")),
            "sketch.key-dim is missing; set the length of keys, or set head.a.key-dim for this head only",
            "sketch.key-dim is missing; set the length of keys, or set head.b.key-dim for this head only",
            "head.a.keydim is not an option; write head.NAME. and one of key-dim, value-dim, scale, state-size, heavy.share, heavy.degree, columns, columns.least-variance, decay.half-life, decay.half-life-tokens",
            "head.c.key-dim: head 'c' is not declared; add it to heads",
            "state.ttl: 'soon' is not valid: write a whole number and a unit, for example 500 ms, 30 s, 10 min, 12 h or 7 d",
            "sketch.state-size: 'a lot' is not valid: write a whole number and a unit, for example 128KiB",
            "parallelism.default is not an option of Onepass; correct or remove it. Set Flink's own settings (parallelism, checkpoints, state backend) with flink run -Dparallelism.default=...");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          kafka.bootstrap.servers        | " "            | has no value; set one, or remove the option
          kafka.bootstrap.servers        | a:1,b          | 'b' is not a broker address; set host:port
          kafka.delivery-guarantee       | exactly_once   | write at-least-once or exactly-once
          kafka.transaction-timeout      | 0 s            | must be from 1 ms to 24 d, not 0 s
          kafka.transaction-timeout      | 30 d           | must be from 1 ms to 24 d, not 30 d
          topics.tokens                  | a b            | 'a b' is not a valid topic name
          topics.outputs                 | ""             | has no value
          topics.dead-letters            | ..             | '..' is not a valid topic name
          topics.anchors                 | attention.tokens | is already the name of another topic
          records.format                 | avro           | write json or protobuf
          records.query-max-vectors      | 0              | must be from 1 to 1048576, not 0
          records.query-max-vectors      | many           | 'many' is not valid
          sketch.type                    | magic          | 'magic' is not known; set exact or polynomial
          sketch.key-dim                 | 0              | must be from 1 to 8192, not 0
          sketch.key-dim                 | 8193           | must be from 1 to 8192, not 8193
          sketch.key-dim                 | 1.5            | '1.5' is not valid
          sketch.value-dim               | x              | 'x' is not valid
          sketch.value-dim               | -1             | must be from 1 to 8192, not -1
          sketch.scale                   | 0              | must be finite and not 0
          sketch.scale                   | NaN            | write a finite number
          sketch.scale                   | Infinity       | write a finite number
          sketch.scale                   | big            | 'big' is not valid
          sketch.seed                    | 1e3            | '1e3' is not valid
          sketch.cut-size                | -1             | must be from 0 to 1048576, not -1
          sketch.cut-size                | 100000         | the cut size must be at most 237; set a larger sketch.state-size or a smaller sketch.cut-size
          sketch.state-size              | 2GiB           | a size must be less than 2 GiB
          sketch.state-size              | 1023B          | must be from 1KiB to 512MiB, not 1023B
          sketch.state-size              | 513MiB         | must be from 1KiB to 512MiB, not 513MiB
          sketch.state-size              | 128            | a size needs a unit; write for example 128KiB, or 128B
          heads                          | a,,b           | has an empty name; write for example
          heads                          | a,b,a          | has duplicate names: [a, b, a]; write each once
          head.default.scale             | x              | 'x' is not valid: write a finite number
          head.default.scale             | 0              | must be finite and not 0
          head.default.key-dim           | x              | 'x' is not valid: write a whole number
          head.default.value-dim         | 99999          | must be from 1 to 8192, not 99999
          head.default.state-size        | 1 parsec       | '1 parsec' is not valid: write a whole number and a unit, for example 128KiB
          head.default.dims              | 3              | is not an option; write head.NAME. and one of
          head.heavy.share               | 0.1            | is not an option; write head.NAME. and one of
          head.x.heavy.share             | 0.1            | head 'x' is not declared; add it to heads
          head.default.heavy.share       | 0.6            | must be from 0 to 0.5, not 0.6
          head.default.heavy.degree      | 3              | must be 2, 4 or 6, not 3
          heavy.share                    | -0.1           | must be from 0 to 0.5, not -0.1
          heavy.share                    | lots           | 'lots' is not valid
          heavy.share                    | 0.001          | a share of 0.0
          heavy.degree                   | 8              | must be 2, 4 or 6, not 8
          head.key-dim                   | 3              | is not an option; write head.NAME. and one of
          head.x.key-dim                 | 3              | head 'x' is not declared; add it to heads
          as-of.timeout                  | 0 ms           | must be from 1 ms to 36500 d, not 0 ms
          as-of.timeout                  | 1 fortnight    | '1 fortnight' is not valid
          as-of.timeout                  | -5 s           | a time cannot be negative
          as-of.max-waiting              | -1             | must be from 0 to 100000, not -1
          state.ttl                      | 30             | a time needs a unit; write for example 30 s
          state.ttl                      | 500000000 d    | must be from 1 ms to 36500 d
          state.ttl                      | 106751991167 d | must be from 1 ms to 36500 d
          state.ttl                      | 9999999999999999999 d | is not valid
          onepass.tolerance              | small          | 'small' is not valid
          order.mode                     | chaos          | write arrival or event-time
          order.lateness                 | 1 s            | applies only to order.mode event-time; set order.mode event-time, or remove it
          order.idleness                 | 1 s            | applies only to order.mode event-time; set order.mode event-time, or remove it
          anchors.file                   | /no/such/file  | '/no/such/file' does not exist; set a path that flink run can read
          anchors.file                   | ""             | has no value
          anchors.file                   | "a,,b"         | '' is not a path; write paths
          anchors.count                  | 0              | must be from 1 to 65536, not 0
          anchors.count                  | 65537          | must be from 1 to 65536, not 65537
          anchors.keep                   | 0              | must be from 1 to 1000, not 0
          anchors.learn                  | maybe          | 'maybe' is not valid
          anchors.learn-after            | 0 s            | must be from 1 ms to 36500 d
          decay.half-life                | 0 s            | must be from 1 ms to 36500 d, not 0 s; to turn decay off, remove it
          decay.half-life                | 999999 ns      | must be from 1 ms to 36500 d
          decay.half-life                | 36501 d        | must be from 1 ms to 36500 d
          decay.half-life                | 30             | a time needs a unit
          decay.half-life                | -1 d           | a time cannot be negative
          decay.half-life-tokens         | 0              | must be at least 1, not 0; to turn decay off, remove it
          decay.half-life-tokens         | -5             | must be at least 1, not -5
          decay.half-life-tokens         | 1 d            | '1 d' is not valid
          head.default.decay.half-life   | 0 s            | must be from 1 ms to 36500 d
          head.default.decay.half        | 1 d            | is not an option; write head.NAME. and one of
          order.ahead                    | 1 h            | applies only to order.mode event-time and to decay.half-life; set one of them, or remove it
          shards.count                   | 3              | must be a power of two from 1 to 128, not 3
          shards.count                   | 256            | must be a power of two from 1 to 128, not 256
          shards.count                   | 0              | must be a power of two from 1 to 128, not 0
          shards.count                   | -2             | must be a power of two from 1 to 128, not -2
          shards.count                   | two            | 'two' is not valid
          shards.count                   | 2              | shards.sequences is missing
          shards.sequences               | s              | shards.count is missing
          shards.sequences               | a,,b           | has an empty id
          shards.sequences               | a,b,a          | has duplicate ids: [a, b, a]
          shards.sequences               | a,*            | * means every sequence
          sketch.keydim                  | 3              | is not an option of Onepass
          execution.checkpointing.interval | 10s          | with flink run -Dexecution.checkpointing.interval=...
          kafka.properties.bootstrap.servers | b:1        | set by the job; set kafka.bootstrap.servers
          kafka.properties.transactional.id | t           | set by the job; set kafka.transactional-id-prefix
          kafka.properties.transaction.timeout.ms | 1     | set by the job; set kafka.transaction-timeout
          kafka.properties.key.serializer | x.Y           | set by the job; remove it
          kafka.properties.value.serializer | x.Y         | set by the job; remove it
          kafka.properties.key.deserializer | x.Y         | set by the job; remove it
          kafka.properties.value.deserializer | x.Y       | set by the job; remove it
          kafka.properties.auto.offset.reset | latest     | set by the job; remove it
          kafka.properties.enable.auto.commit | true      | set by the job; remove it
          kafka.properties.acks          | 1              | '1' could lose answers in spite of at-least-once; set all
          kafka.properties.max.request.size | big         | Not a number of type INT
          kafka.properties.max.poll.records | 0           | Value must be at least 1
          kafka.properties.isolation.level | dirty        | String must be one of: read_committed, read_uncommitted
          kafka.properties.default.api.timeout.ms | 1000  | set at least 30000
          kafka.properties.delivery.timeout.ms | 1000     | set at least 30005
          kafka.properties.buffer.memory | 16383          | set at least 16384
          kafka.properties.heartbeat.interval.ms | 60000  | set less than 45000
          kafka.properties.partitioner.class | x.Nowhere | x.Nowhere
          """)
  void eachProblemNamesTheOptionAndWhatToSet(String option, String value, String sentence) {
    assertThat(problems(options(option, value)))
        .as("%s = %s", option, value)
        .anySatisfy(
            problem ->
                // Messages of a sketch begin with the head and name the option later.
                assertThat(problem).contains(option).contains(sentence));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          onepass.logit-bound | 0   | must be above 0 and at most 30, not 0
          onepass.logit-bound | 31  | must be above 0 and at most 30, not 31
          onepass.logit-bound | NaN | 'NaN' is not valid: write a finite number
          onepass.tolerance   | 1   | must be above 0 and below 1, not 1
          """)
  void optionsOfThePolynomialAreCheckedForEveryFamily(
      String option, String value, String sentence) {
    for (String type : List.of("polynomial", "hybrid", "exact")) {
      assertThat(problems(options("sketch.type", type, option, value)))
          .as(type)
          .singleElement()
          .asString()
          .contains(option)
          .contains(sentence);
    }
  }

  @Test
  void exactlyOnceNeedsIdempotence() {
    assertThat(
            problems(
                options(
                    "kafka.delivery-guarantee", "exactly-once",
                    "kafka.transactional-id-prefix", " ",
                    "kafka.properties.enable.idempotence", "false")))
        .hasSize(2)
        .anyMatch(problem -> problem.startsWith("kafka.transactional-id-prefix has no value"))
        .anyMatch(
            problem -> problem.startsWith("kafka.properties.enable.idempotence: must be true"));
    assertThatCode(() -> check("kafka.properties.enable.idempotence", "false"))
        .doesNotThrowAnyException();
  }

  /** Each of these properties is valid on its own, but together they would fail every client. */
  @Test
  void contradictingPropertiesAreRefused() {
    assertThat(problems(options("kafka.properties.max.in.flight.requests.per.connection", "10")))
        .singleElement()
        .asString()
        .startsWith("kafka.properties.max.in.flight.requests.per.connection: ")
        .contains("max.in.flight.requests.per.connection must be set to at most 5");
    assertThat(
            problems(
                options(
                    "kafka.properties.group.protocol", "consumer",
                    "kafka.properties.session.timeout.ms", "10000")))
        .singleElement()
        .asString()
        .startsWith("kafka.properties.group.protocol, kafka.properties.session.timeout.ms: ")
        .contains("session.timeout.ms cannot be set when group.protocol=CONSUMER");
    assertThat(
            problems(
                options(
                    "kafka.delivery-guarantee", "exactly-once",
                    "kafka.transactional-id-prefix", "p",
                    "kafka.properties.retries", "0")))
        .singleElement()
        .asString()
        .contains("idempotence");
    assertThatCode(
            () ->
                check(
                    "kafka.properties.max.in.flight.requests.per.connection", "10",
                    "kafka.properties.enable.idempotence", "false"))
        .doesNotThrowAnyException();
  }

  @Test
  void propertiesOfOneKindOfClientAreAccepted() {
    assertThat(
            check(
                    "kafka.properties.max.poll.records", "10",
                    "kafka.properties.compression.type", "zstd",
                    "kafka.properties.client.id", "c",
                    "kafka.properties.security.protocol", "SASL_SSL",
                    "kafka.properties.acks", "-1",
                    "kafka.properties.request.timeout.ms", "90000",
                    "kafka.properties.some.plugins.own", "x")
                .kafkaProperties())
        .hasSize(7)
        .containsEntry("some.plugins.own", "x");
  }

  @Test
  void aHeadDecaysByTimeOrByTokens() {
    assertThat(problems(options("decay.half-life", "1 d", "decay.half-life-tokens", "9")))
        .containsExactly(
            "decay.half-life and decay.half-life-tokens are both set, but a head decays by time or by tokens; remove one of them");
    assertThat(
            problems(
                options(
                    "head.default.decay.half-life", "1 d",
                    "head.default.decay.half-life-tokens", "9")))
        .containsExactly(
            "head.default.decay.half-life and head.default.decay.half-life-tokens are both set, but a head decays by time or by tokens; remove one of them");
  }

  /** A head's own half-life takes the place of the common one, of either kind. */
  @Test
  void halfLivesOfHeads() {
    List<HeadSpec> heads =
        check(
                "heads", "a,b,c.d",
                "decay.half-life", "2 h",
                "head.b.decay.half-life-tokens", "500",
                "head.c.d.decay.half-life", "1 ms",
                "order.ahead", "1 h")
            .sequences()
            .heads();

    assertThat(heads)
        .extracting(HeadSpec::decay)
        .containsExactly(
            Decay.byTime(Duration.ofHours(2)), Decay.byTokens(500), new Decay(1, false));
    assertThat(check().sequences().heads().get(0).decay()).isEqualTo(Decay.NONE);
  }

  @Test
  void theBoundOnTimestampsHoldsInBothOrders() {
    String[] decaying = {"decay.half-life", "1 d", "order.ahead", "1 h"};
    assertThat(check(decaying).sequences().ahead()).isEqualTo(Duration.ofHours(1));
    assertThat(check(decaying).sequences().eventTime()).isNull();
    assertThat(check("decay.half-life", "1 d").sequences().ahead())
        .isEqualTo(Duration.ofMinutes(10));
    assertThat(problems(options("decay.half-life-tokens", "9", "order.ahead", "1 h")))
        .singleElement()
        .asString()
        .startsWith("order.ahead applies only to");
  }

  @Test
  void theFormPaperRefusesDecayForGood() {
    String[] paper = {
      "sketch.type", "onepass", "onepass.form", "paper", "sketch.state-size", "1MiB"
    };
    assertThat(check(paper).describeHeads()).hasSize(1);
    assertThat(
            problems(
                options(
                    Stream.concat(Stream.of(paper), Stream.of("decay.half-life", "1 d"))
                        .toArray(String[]::new))))
        .singleElement()
        .asString()
        .startsWith("head default: form paper cannot decay: ")
        .contains("noise of old values")
        .endsWith("set onepass.form to moments or outputs, or remove decay.half-life");
  }

  @Test
  void aSharedProblemIsListedOnce() {
    assertThat(
            problems(
                options("heads", "a,b,c", "sketch.key-dim", "wide", "sketch.state-size", "huge")))
        .hasSize(2)
        .anyMatch(problem -> problem.startsWith("sketch.key-dim: 'wide' is not valid"))
        .anyMatch(problem -> problem.startsWith("sketch.state-size: 'huge' is not valid"));
  }

  @ParameterizedTest
  @CsvSource({
    "polynomial, 64, 64, polynomial features of degree 2 take ",
    "polynomial, 128, 64, polynomial features of degree 2 take ",
    "polynomial, 3, 900, polynomial features of degree 2 take ",
    "polynomial, 512, 1, polynomial features of degree 2 take ",
    "hybrid, 3, 900, '2 clusters of dimensions 3, 900 take '",
    "anchors, 3, 950, '2 clusters of dimensions 3, 950 take '",
  })
  void theSuggestedStateSizeIsEnough(String type, int keyDim, int valueDim, String sentence) {
    String[] small = {
      "sketch.key-dim",
      "" + keyDim,
      "sketch.value-dim",
      "" + valueDim,
      "sketch.type",
      type,
      "sketch.state-size",
      "16KiB"
    };
    String problem = problems(options(small)).get(0);
    assertThat(problem).startsWith("head default: " + sentence);
    Matcher size =
        Pattern.compile("state size of about (\\d+) KiB.*larger sketch.state-size")
            .matcher(problem);
    assertThat(size.find()).as(problem).isTrue();
    small[7] = size.group(1) + "KiB";
    assertThat(check(small).describeHeads()).singleElement().asString().contains(type + ": ");
  }

  @Test
  void everySequenceMayBeSharded() {
    assertThat(check("shards.count", "2", "shards.sequences", "*").sequences().sharding())
        .isEqualTo(new ShardOptions(2, Set.of(ShardOptions.ALL)));
    assertThat(check("shards.count", "1", "shards.sequences", "a").sequences().sharding())
        .as("switched off")
        .isEqualTo(ShardOptions.NONE);
    assertThat(problems(options("shards.count", "2", "shards.sequences", "x".repeat(1_025))))
        .containsExactly(
            "shards.sequences: an id has at most 1024 bytes; shorten '" + "x".repeat(20) + "...'");
  }

  @Test
  void formsWhoseQueriesEndTheTokensCannotBeSharded() {
    String[] shards = {
      "sketch.type", "onepass", "sketch.value-dim", "2", "sketch.state-size", "512KiB",
      "shards.count", "2", "shards.sequences", "a", "onepass.form", "moments"
    };
    assertThat(problems(options(shards)))
        .singleElement()
        .asString()
        .startsWith("shards.count: sequences with onepass.form paper or moments cannot be sharded");
    shards[11] = "outputs";
    assertThatCode(() -> check(shards)).doesNotThrowAnyException();
  }

  @Test
  void anUnknownGuaranteeDoesNotStopOtherChecks() {
    assertThatThrownBy(
            () -> check("kafka.delivery-guarantee", "at-most-once", "as-of.timeout", "x"))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("kafka.delivery-guarantee: 'at-most-once' is not valid")
        .hasMessageContaining("as-of.timeout: 'x' is not valid");
  }
}
