// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Sequence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRecordReaderTest {

  private final JsonRecordReader reader =
      new JsonRecordReader(Samples.heads("default", "other"), 3);

  private Event token(String json) throws BadRecordException {
    return reader.token("s", Samples.record("s", json));
  }

  private Event query(String json) throws BadRecordException {
    return reader.query("s", Samples.record("s", json));
  }

  /** Returns the object with its fields in every order. */
  private static List<String> permutations(List<String> fields) {
    if (fields.isEmpty()) {
      return List.of("");
    }
    return IntStream.range(0, fields.size())
        .boxed()
        .flatMap(
            i -> {
              List<String> rest = new ArrayList<>(fields);
              String first = rest.remove((int) i);
              return permutations(rest).stream()
                  .map(tail -> tail.isEmpty() ? first : first + "," + tail);
            })
        .toList();
  }

  @Test
  void tokensInAnyOrderOfFields() throws BadRecordException {
    List<String> orders =
        permutations(
            List.of(
                "\"position\":17",
                "\"key\":[1,-2.5]",
                "\"value\":[1e-3,0,3]",
                "\"head\":\"other\"",
                "\"op\":\"retract\"",
                "\"unknown\":{\"key\":[{\"value\":[[]]}],\"position\":-1}"));
    assertThat(orders).hasSize(720);
    for (String fields : orders) {
      Event.Token token = (Event.Token) token("{" + fields + "}");
      assertThat(token.key()).isEqualTo(new SequenceKey("other", "s", 0));
      assertThat(token.position()).isEqualTo(17);
      assertThat(token.vectorKey()).containsExactly(1f, -2.5f);
      assertThat(token.value()).containsExactly(0.001f, 0f, 3f);
      assertThat(token.retract()).isTrue();
    }
  }

  @Test
  void namesInCamelCaseAreRefused() throws BadRecordException {
    assertThatThrownBy(() -> query("{\"queryId\":\"q\",\"queries\":[[1,2]]}"))
        .isInstanceOf(BadRecordException.class)
        .hasMessage("queryId: unknown field; write query_id");
    assertThatThrownBy(() -> query("{\"query_id\":\"q\",\"queries\":[[1,2]],\"asOf\":{\"n\":3}}"))
        .hasMessage("asOf: unknown field; write as_of");
    assertThat(
            query(
                "{\"query_id\":\"q\",\"queries\":[[1,2]],\"asof\":1,\"QueryId\":2,\"x\":{\"asOf\":3}}"))
        .isInstanceOf(Event.Query.class);
    assertThat(token("{\"key\":[1,2],\"value\":[3,4,5],\"queryId\":\"mine\",\"asOf\":7}"))
        .as("a token has no such fields")
        .isInstanceOf(Event.Token.class);
  }

  /** Returns a value as the serializer of a schema registry writes it. */
  @Test
  void framingOfARegistryIsRefused() {
    byte[] json = Samples.utf8("{\"key\":[1,2],\"value\":[3,4,5]}");
    RawRecord framed =
        Samples.record(
            Samples.utf8("s"),
            ByteBuffer.allocate(5 + json.length).put((byte) 0).putInt(100_017).put(json).array());
    String sentence =
        "record value: looks like Confluent schema-registry framing (a zero byte and the schema id 100017); send plain bytes, with a serializer that does not use a registry";
    assertThatThrownBy(() -> reader.token("s", framed)).hasMessage(sentence);
    assertThatThrownBy(() -> reader.query("s", framed)).hasMessage(sentence);
    assertThatThrownBy(() -> reader.query("s", Samples.record(new byte[] {1}, new byte[4])))
        .as("too short for it")
        .hasMessageStartingWith("record value: not valid JSON");
  }

  @Test
  void optionalFieldsOfTokens() throws BadRecordException {
    for (String json :
        List.of(
            "{\"key\":[1,2],\"value\":[3,4,5]}",
            "{\"key\":[1,2],\"value\":[3,4,5],\"position\":null,\"head\":null,\"op\":null}",
            "\n {\"x\": null, \"key\" : [ 1 , 2 ] , \"value\":[3,4,5], \"key2\": \"\\u00e9\"}\n")) {
      RawRecord origin = Samples.record("s", json);
      Event.Token token = (Event.Token) reader.token("s", origin);
      assertThat(token.key()).isEqualTo(new SequenceKey("default", "s", 0));
      assertThat(token.origin()).isSameAs(origin);
      assertThat(token.position()).isEqualTo(-1);
      assertThat(token.vectorKey()).containsExactly(1f, 2f);
      assertThat(token.value()).containsExactly(3f, 4f, 5f);
      assertThat(token.retract()).isFalse();
    }
  }

  private Event.Token tokenWith(String fields) throws BadRecordException {
    return (Event.Token) token("{\"key\":[1,2],\"value\":[3,4,5]" + fields + "}");
  }

  @Test
  void biases() throws BadRecordException {
    assertThat(tokenWith("").bias()).isZero();
    assertThat(tokenWith(",\"bias\":null").bias()).isZero();
    assertThat(tokenWith(",\"bias\":-80").bias()).isEqualTo(-80);
    assertThat(tokenWith(",\"bias\":8e1").bias()).isEqualTo(80);
    assertThat(tokenWith(",\"op\":\"retract\",\"bias\":1.5").bias()).isEqualTo(1.5f);
    for (String bad : List.of("80.1", "-1e9", "1e999")) {
      assertThatThrownBy(() -> tokenWith(",\"bias\":" + bad))
          .isInstanceOf(BadRecordException.class)
          .hasMessageStartingWith("bias: must be from -80 to 80, got ")
          .hasMessageEndingWith("; limit it in the producer, and send the record again");
    }
    assertThatThrownBy(() -> tokenWith(",\"bias\":\"1\"")).hasMessage("bias: not a number");
    assertThatThrownBy(() -> tokenWith(",\"bias\":[1]")).hasMessage("bias: not a number");
    assertThatThrownBy(() -> tokenWith(",\"bias\":NaN"))
        .hasMessageStartingWith("record value: not valid JSON");
  }

  /** Positions of a forget may be anything too, and unknown fields of a query. */
  @Test
  void biasesOfOtherRecordsAreIgnored() throws BadRecordException {
    assertThat(token("{\"op\":\"forget\",\"bias\":1e9,\"timestamp\":-1}"))
        .isInstanceOf(Event.Forget.class);
    assertThat(query("{\"query_id\":\"q\",\"queries\":[[1,2]],\"bias\":\"x\"}"))
        .isInstanceOf(Event.Query.class);
  }

  @Test
  void onlyRetractionsHaveTimestamps() throws BadRecordException {
    assertThat(tokenWith(",\"op\":\"retract\"").timestamp()).isEqualTo(Sequence.NO_TIME);
    assertThat(tokenWith(",\"timestamp\":1800000000000,\"op\":\"retract\"").timestamp())
        .isEqualTo(1_800_000_000_000L);
    assertThat(tokenWith(",\"op\":\"retract\",\"timestamp\":0").timestamp()).isZero();
    for (String any : List.of("5", "-1", "\"2027-01-15\"", "{\"seconds\":[1]}", "1.5")) {
      assertThat(tokenWith(",\"timestamp\":" + any).timestamp()).isEqualTo(Sequence.NO_TIME);
    }
    for (String bad : List.of("-1", "\"2027-01-15\"", "{\"seconds\":[1]}", "1.5", "1e3")) {
      assertThatThrownBy(() -> tokenWith(",\"timestamp\":" + bad + ",\"op\":\"retract\""))
          .isInstanceOf(BadRecordException.class)
          .hasMessage(
              "timestamp: not a whole number of milliseconds from 0 to 2^63 - 1; set it to the timestamp of the retracted token's record");
    }
  }

  @Test
  void positionsUpToTheLargestLong() throws BadRecordException {
    for (long position : new long[] {0, 1, Integer.MAX_VALUE + 1L, Long.MAX_VALUE}) {
      assertThat(
              ((Event.Token)
                      token("{\"key\":[1,2],\"value\":[3,4,5],\"position\":" + position + "}"))
                  .position())
          .isEqualTo(position);
    }
  }

  @Test
  void forgetNeedsNoVectors() throws BadRecordException {
    assertThat(token("{\"op\":\"forget\",\"head\":\"other\"}"))
        .isInstanceOfSatisfying(
            Event.Forget.class,
            forget -> assertThat(forget.key()).isEqualTo(new SequenceKey("other", "s", 0)));
  }

  @Test
  void queriesInAnyOrderOfFields() throws BadRecordException {
    for (String fields :
        permutations(
            List.of(
                "\"query_id\":\"q\\u0000 \\ud83d\\ude00\"",
                "\"queries\":[[1,2],[3,4],[5,6]]",
                "\"head\":\"other\"",
                "\"as_of\":131072",
                "\"recover\":null",
                "\"stats\":false",
                "\"unknown\":[[1],2]"))) {
      Event.Query query = (Event.Query) query("{" + fields + "}");
      assertThat(query.key()).isEqualTo(new SequenceKey("other", "s", 0));
      assertThat(query.queryId()).isEqualTo("q\0 \ud83d\ude00");
      assertThat(query.vectors()).containsExactly(1f, 2f, 3f, 4f, 5f, 6f);
      assertThat(query.count()).isEqualTo(3);
      assertThat(query.asOf()).isEqualTo(131072);
    }
    assertThat(((Event.Query) query("{\"query_id\":\"\",\"queries\":[[1,2]]}")).asOf()).isZero();
  }

  @Test
  void sparseTokensInAnyOrderOfMembers() throws BadRecordException {
    for (String key :
        permutations(
            List.of(
                "\"indices\":[1]", "\"values\":[-2.5]", "\"x\":{\"indices\":[7]}", "\"y\":null"))) {
      for (String order :
          permutations(
              List.of(
                  "\"key\":{" + key + "}",
                  "\"value\":{\"indices\":[0,2],\"values\":[1e-3,3]}",
                  "\"head\":\"other\""))) {
        Event.Token token = (Event.Token) token("{" + order + "}");
        assertThat(token.key().head()).isEqualTo("other");
        assertThat(token.vectorKey()).containsExactly(0f, -2.5f);
        assertThat(token.value()).containsExactly(1e-3f, 0f, 3f);
      }
    }
    Event.Token zero =
        (Event.Token) token("{\"key\":{\"indices\":[],\"values\":[]},\"value\":[3,4,5]}");
    assertThat(zero.vectorKey()).containsExactly(0f, 0f);
  }

  @Test
  void denseAndSparseVectorsInOneQuery() throws BadRecordException {
    Event.Query query =
        (Event.Query)
            query(
                "{\"query_id\":\"q\",\"queries\":[{\"values\":[7],\"indices\":[1]},[3,4],{\"indices\":[],\"values\":[]}]}");
    assertThat(query.count()).isEqualTo(3);
    assertThat(query.vectors()).containsExactly(0f, 7f, 3f, 4f, 0f, 0f);
  }

  /** All vectors of length 17, with seed 5: what is sent sparsely is read as what is sent whole. */
  @Test
  void sparseVectorsMeanTheDenseOnes() throws BadRecordException {
    JsonRecordReader wide =
        new JsonRecordReader(
            new Heads(
                List.of(new HeadSpec("h", 17, 17, 1, 65536, 0, ExactFamily.INSTANCE, 7, Map.of()))),
            20);
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      int count = 1 + random.nextInt(20);
      float[] all = new float[17 * count];
      StringBuilder list = new StringBuilder();
      for (int v = 0; v < count; v++) {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
          if (random.nextInt(4) == 0) {
            indices.add(i);
            all[v * 17 + i] = random.nextInt(5) == 0 ? 0 : random.nextFloat() - 0.5f;
          }
        }
        int row = v * 17;
        String vector =
            random.nextBoolean()
                ? "{\"indices\":%s,\"values\":%s}"
                    .formatted(indices, indices.stream().map(i -> all[row + i]).toList())
                : Arrays.toString(Arrays.copyOfRange(all, row, row + 17));
        list.append(v == 0 ? "" : ",").append(vector);
      }
      String json = "{\"query_id\":\"q\",\"queries\":[" + list + "]}";
      Event.Query query = (Event.Query) wide.query("s", Samples.record("s", json));
      assertThat(query.vectors()).as(json).containsExactly(all);
    }
  }

  @Test
  void statsQueries() throws BadRecordException {
    for (String json :
        List.of(
            "{\"query_id\":\"q\",\"stats\":true}",
            "{\"stats\":true,\"query_id\":\"q\",\"queries\":null}")) {
      assertThat(query(json))
          .isInstanceOfSatisfying(
              Event.StatsQuery.class,
              stats -> {
                assertThat(stats.queryId()).isEqualTo("q");
                assertThat(stats.key()).isEqualTo(new SequenceKey("default", "s", 0));
              });
    }
  }

  @Test
  void recoverQueries() throws BadRecordException {
    SequenceKey key = new SequenceKey("other", "s", 0);
    for (String fields :
        permutations(
            List.of(
                "\"query_id\":\"r\"",
                "\"head\":\"other\"",
                "\"recover\":{\"x\":[1,{}],\"k\":16}"))) {
      Event.RecoverQuery query = (Event.RecoverQuery) query("{" + fields + "}");
      assertThat(query.key()).isEqualTo(key);
      assertThat(query.queryId()).isEqualTo("r");
      assertThat(query.k()).isEqualTo(16);
    }
    for (String open : List.of("{}", "{\"k\":null}")) {
      Event.RecoverQuery query =
          (Event.RecoverQuery) query("{\"query_id\":\"r\",\"recover\":" + open + "}");
      assertThat(query.k()).as("what the sketch was made for").isZero();
    }
  }

  @Test
  void fieldsDoNotLeakIntoTheNextRecord() throws BadRecordException {
    token(
        "{\"key\":[1,2],\"value\":[3,4,5],\"position\":9,\"head\":\"other\",\"op\":\"retract\",\"bias\":2,\"timestamp\":7}");
    assertThatThrownBy(() -> token("{\"key\":[1,2]}")).hasMessage("value: missing");
    assertThatThrownBy(() -> token("{\"key\":[1,2,")).isInstanceOf(BadRecordException.class);
    assertThatThrownBy(() -> token("{\"key\":{\"indices\":[1],\"values\":[9,"))
        .isInstanceOf(BadRecordException.class);
    assertThatThrownBy(() -> token("{\"key\":{\"indices\":[0],\"values\":[1]}}"))
        .hasMessage("value: missing");
    Event.Token token = (Event.Token) token("{\"key\":[6,7],\"value\":[8,9,10]}");
    assertThat(token.vectorKey()).containsExactly(6f, 7f);
    assertThat(token.position()).isEqualTo(-1);
    assertThat(token.retract()).isFalse();
    assertThat(token.key().head()).isEqualTo("default");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          ''                                          | record value: not a JSON object
          '  '                                        | record value: not a JSON object
          'hello'                                     | record value: not valid JSON: Unrecognized token 'hello'
          '[1,2]'                                     | record value: not a JSON object
          'null'                                      | record value: not a JSON object
          '17'                                        | record value: not a JSON object
          '{'                                         | record value: not valid JSON: Unexpected end
          '{"key"'                                    | record value: not valid JSON: Unexpected end
          '{"key":[1,2],"value":[3,4'                 | record value: not valid JSON at or after the field value: Unexpected end
          '{"key":[1,2],"value":[3,4,5]'              | record value: not valid JSON at or after the field value: Unexpected end
          '{"key":[1,2],"value":[3,4,5]}{}'           | record value: more than one JSON object
          '{"key":[1,2],"value":[3,4,5]} x'           | record value: not valid JSON at or after the field value: Unrecognized token 'x'
          '{"key":[1,2],"value":[3,4,5],}'            | record value: not valid JSON at or after the field value: Unexpected character
          '{key:[1,2]}'                               | record value: not valid JSON: Unexpected character
          '{"key":[1,2],"key":[1,2],"value":[3,4,5]}' | record value: not valid JSON at or after the field key: Duplicate field 'key'
          '{"x":1,"x":1,"key":[1,2],"value":[3,4,5]}' | record value: not valid JSON at or after the field x: Duplicate field 'x'
          '{"value":[3,4,5]}'                         | key: missing
          '{"key":[1,2]}'                             | value: missing
          '{"key":null,"value":[3,4,5]}'              | key: missing
          '{"key":[1],"value":[3,4,5]}'               | key: expected length 2 for head default, got 1
          '{"key":[1,2,3],"value":[3,4,5]}'           | key: expected length 2 for head default, got 3
          '{"key":[1,2],"value":[]}'                  | value: expected length 3 for head default, got 0
          '{"key":{"a":1},"value":[3,4,5]}'           | key.indices: missing; a sparse vector has indices and values
          '{"key":{"indices":[0]},"value":[3,4,5]}'   | key.values: missing; a sparse vector has indices and values
          '{"key":{"values":[1]},"value":[3,4,5]}'    | key.indices: missing; a sparse vector has indices and values
          '{"key":{"indices":null,"values":[]},"value":[3,4,5]}'           | key.indices: missing
          '{"key":{"indices":[1,0],"values":[1,2]},"value":[3,4,5]}'       | key.indices[1]: 0 is not above the index before it, 1; write each index once, in ascending order
          '{"key":{"indices":[1,1],"values":[1,2]},"value":[3,4,5]}'       | key.indices[1]: 1 is not above the index before it, 1; write each index once, in ascending order
          '{"key":{"indices":[0,2],"values":[1,2]},"value":[3,4,5]}'       | key.indices[1]: 2 is out of range; head default takes vectors of length 2 here, so the indices are 0 to 1
          '{"key":[1,2],"value":{"indices":[3],"values":[1]}}'             | value.indices[0]: 3 is out of range; head default takes vectors of length 3 here, so the indices are 0 to 2
          '{"key":{"indices":[-1],"values":[1]},"value":[3,4,5]}'          | key.indices[0]: not a whole number from 0 to 2147483647
          '{"key":{"indices":[0,2147483648],"values":[1]},"value":[3,4,5]}' | key.indices[1]: not a whole number from 0 to 2147483647
          '{"key":{"indices":[99999999999999999999],"values":[1]}}'        | key.indices[0]: not a whole number from 0 to 2147483647
          '{"key":{"indices":[0.0],"values":[1]},"value":[3,4,5]}'         | key.indices[0]: not a whole number from 0 to 2147483647
          '{"key":{"indices":["0"],"values":[1]},"value":[3,4,5]}'         | key.indices[0]: not a whole number from 0 to 2147483647
          '{"key":{"indices":[[0]],"values":[1]},"value":[3,4,5]}'         | key.indices[0]: not a whole number from 0 to 2147483647
          '{"key":{"indices":{"0":0},"values":[1]},"value":[3,4,5]}'       | key.indices: not a list of whole numbers
          '{"key":{"indices":[0],"values":1},"value":[3,4,5]}'             | key.values: not a list of numbers
          '{"key":{"indices":[0],"values":["1"]},"value":[3,4,5]}'         | key.values[0]: not a number
          '{"key":{"indices":[0,1],"values":[1,1e39]},"value":[3,4,5]}'    | key.values[1]: not a finite float
          '{"key":{"indices":[0,1],"values":[1]},"value":[3,4,5]}'         | key: 2 indices and 1 values; write one value for each index
          '{"key":{"indices":[],"values":[1]},"value":[3,4,5]}'            | key: 0 indices and 1 values; write one value for each index
          '{"key":{"indices":[0],"indices":[1],"values":[1]}}'             | record value: not valid JSON at or after the field key: Duplicate field 'indices'
          '{"key":{"indices":[0],"values":[1]'                             | record value: not valid JSON at or after the field key: Unexpected end
          '{"key":"AAAA","value":[3,4,5]}'            | key: not a list of numbers
          '{"key":[1,"2"],"value":[3,4,5]}'           | key[1]: not a number
          '{"key":[1,null],"value":[3,4,5]}'          | key[1]: not a number
          '{"key":[1,true],"value":[3,4,5]}'          | key[1]: not a number
          '{"key":[1,[2]],"value":[3,4,5]}'           | key[1]: not a number
          '{"key":[1,"NaN"],"value":[3,4,5]}'         | key[1]: not a number
          '{"key":[1,NaN],"value":[3,4,5]}'           | record value: not valid JSON at or after the field key: Non-standard token 'NaN'
          '{"key":[1,2],"value":[Infinity,4,5]}'      | record value: not valid JSON at or after the field value: Non-standard token 'Infinity'
          '{"key":[1,2],"value":[-Infinity,4,5]}'     | record value: not valid JSON at or after the field value: Non-standard token '-Infinity'
          '{"key":[1e999,2],"value":[3,4,5]}'         | key[0]: not a finite float
          '{"key":[1,2],"value":[3,4,-1e39]}'         | value[2]: not a finite float
          '{"key":[1e2147483648,2],"value":[3,4,5]}'  | key[0]: not a finite float
          '{"key":[01,2],"value":[3,4,5]}'            | record value: not valid JSON at or after the field key: Invalid numeric value
          '{"key":[+1,2],"value":[3,4,5]}'            | record value: not valid JSON at or after the field key: Unexpected character
          '{"position":-1,"key":[1,2],"value":[3,4,5]}'   | position: not a whole number from 0
          '{"position":1.5,"key":[1,2],"value":[3,4,5]}'  | position: not a whole number from 0
          '{"position":1.0,"key":[1,2],"value":[3,4,5]}'  | position: not a whole number from 0
          '{"position":1e3,"key":[1,2],"value":[3,4,5]}'  | position: not a whole number from 0
          '{"position":"1","key":[1,2],"value":[3,4,5]}'  | position: not a whole number from 0
          '{"position":9223372036854775808,"key":[1,2],"value":[3,4,5]}' | position: not a whole number from 0
          '{"position":99999999999999999999999999,"key":[1,2],"value":[3,4,5]}' | position: not a whole number from 0
          '{"op":"add","key":[1,2],"value":[3,4,5]}'  | op: 'add' is not known; write retract or forget
          '{"op":"","key":[1,2],"value":[3,4,5]}'     | op: '' is not known; write retract or forget
          '{"op":1,"key":[1,2],"value":[3,4,5]}'      | op: not a string
          '{"op":"retract","key":[1,2]}'              | value: missing
          '{"head":"x","key":[1,2],"value":[3,4,5]}'  | head: 'x' is not declared; declared heads: [default, other]
          '{"head":7,"key":[1,2],"value":[3,4,5]}'    | head: not a string
          '{"head":"x","op":"forget"}'                | head: 'x' is not declared
          """)
  void badTokensNameTheField(String json, String message) {
    assertThatThrownBy(() -> token(json))
        .as(json)
        .isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          '[]'                                               | record value: not a JSON object
          '{"queries":[[1,2]]}'                              | query_id: missing
          '{"query_id":null,"queries":[[1,2]]}'              | query_id: missing
          '{"query_id":7,"queries":[[1,2]]}'                 | query_id: not a string
          '{"query_id":"\\ud800","queries":[[1,2]]}'         | query_id: not valid Unicode
          '{"query_id":"q"}'                                 | queries: missing
          '{"query_id":"q","stats":false}'                   | queries: missing
          '{"query_id":"q","queries":null}'                  | queries: missing
          '{"query_id":"q","queries":[]}'                    | queries: empty
          '{"query_id":"q","queries":[[]]}'                  | queries: expected length 2 for head default, got 0
          '{"query_id":"q","queries":[[1,2,3]]}'             | queries: expected length 2 for head default, got 3
          '{"query_id":"q","queries":[[1,2],[3]]}'           | queries[1]: differs in length from the vectors before it
          '{"query_id":"q","queries":[[1],[2,3,4]]}'         | queries[1]: differs in length from the vectors before it
          '{"query_id":"q","queries":[1,2]}'                 | queries[0]: not a list of numbers
          '{"query_id":"q","queries":{"a":[1,2]}}'           | queries: not a list of vectors
          '{"query_id":"q","queries":[[1,2],[3,"4"]]}'       | queries[1][1]: not a number
          '{"query_id":"q","queries":[[1,2],null]}'          | queries[1]: not a list of numbers
          '{"query_id":"q","queries":[[1,1e39]]}'            | queries[0][1]: not a finite float
          '{"query_id":"q","queries":{"indices":[],"values":[]}}' | queries: not a list of vectors
          '{"query_id":"q","queries":[{"indices":[0],"values":[1]},{"indices":[2],"values":[1]}]}' | queries[1].indices[0]: 2 is out of range; head default takes vectors of length 2 here, so the indices are 0 to 1
          '{"query_id":"q","queries":[[1,2],{"indices":[1,0],"values":[1,2]}]}' | queries[1].indices[1]: 0 is not above the index before it, 1
          '{"query_id":"q","queries":[{"indices":[0],"values":[]}]}' | queries[0]: 1 indices and 0 values
          '{"query_id":"q","queries":[{"indices":[],"values":[]},[1,2,3]]}' | queries: expected length 2 for head default, got 3
          '{"query_id":"q","queries":[[1],{"indices":[],"values":[]},[1,2,3]]}' | queries[2]: differs in length from the vectors before it
          '{"query_id":"q","queries":[{},[1,2]]}'            | queries[0].indices: missing
          '{"query_id":"q","queries":[[1,2],[1,2],[1,2],[1,2]]}' | queries: more than 3 vectors
          '{"query_id":"q","queries":[[1,2]],"as_of":-1}'    | as_of: not a whole number from 0
          '{"query_id":"q","queries":[[1,2]],"as_of":1.5}'   | as_of: not a whole number from 0
          '{"query_id":"q","queries":[[1,2]],"head":"x"}'    | head: 'x' is not declared
          '{"query_id":"q","queries":[[1,2]],"stats":true}'  | queries, stats, recover: only one of them
          '{"query_id":"q","recover":{"k":1},"stats":true}'  | queries, stats, recover: only one of them
          '{"query_id":"q","recover":{"k":0}}'               | recover.k: not a whole number from 1 to 2147483647
          '{"query_id":"q","recover":{"k":3000000000}}'      | recover.k: not a whole number from 1 to 2147483647
          '{"query_id":"q","recover":{"k":1.5}}'             | recover.k: not a whole number
          '{"query_id":"q","recover":[16]}'                  | recover: not an object
          '{"query_id":"q","recover":true}'                  | recover: not an object
          '{"query_id":"q","stats":"yes"}'                   | stats: neither true nor false
          '{"query_id":"q","stats":1}'                       | stats: neither true nor false
          """)
  void badQueriesNameTheField(String json, String message) {
    assertThatThrownBy(() -> query(json))
        .as(json)
        .isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void recordsMustBeUtf8() {
    byte[] json = Samples.utf8("{\"head\":\"xx\",\"op\":\"forget\"}");
    json[9] = (byte) 0xff;
    assertThatThrownBy(() -> reader.token("s", Samples.record(new byte[] {1}, json)))
        .isInstanceOf(BadRecordException.class)
        .hasMessageStartingWith("record value: not valid JSON at or after the field head: ");
    // Half a surrogate pair as three bytes: Jackson accepts it, but it is not valid UTF-8.
    byte[] half = "{\"query_id\":\"???\",\"queries\":[[1,2]]}".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, 0, half, 13, 3);
    assertThatThrownBy(() -> reader.query("s", Samples.record(new byte[] {1}, half)))
        .hasMessageStartingWith("query_id: not valid Unicode");
  }

  @Test
  void headsWithoutADefaultMustBeNamed() throws BadRecordException {
    JsonRecordReader several = new JsonRecordReader(Samples.heads("a", "b"), 3);
    RawRecord unnamed = Samples.record("s", "{\"key\":[1,2],\"value\":[3,4,5]}");
    assertThatThrownBy(() -> several.token("s", unnamed))
        .isInstanceOf(BadRecordException.class)
        .hasMessage("head: missing, and no head 'default' is declared; declared heads: [a, b]");
    JsonRecordReader one = new JsonRecordReader(Samples.heads("a"), 3);
    assertThat(one.token("s", unnamed).key().head()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(ints = {999, 1001, 200_000})
  void deepNestingIsEitherSkippedOrRefused(int depth) throws BadRecordException {
    String nested = "[".repeat(depth) + "]".repeat(depth);
    String json = "{\"key\":[1,2],\"x\":" + nested + ",\"value\":[3,4,5]}";
    if (depth < 1000) {
      assertThat(token(json)).isInstanceOf(Event.Token.class);
    } else {
      assertThatThrownBy(() -> token(json))
          .isInstanceOf(BadRecordException.class)
          .hasMessageStartingWith("record value: not valid JSON at or after the field x: ")
          .hasMessageContaining("nesting depth");
    }
  }

  @Test
  void longNumbersAndStrings() throws BadRecordException {
    String digits = "1".repeat(1001);
    assertThatThrownBy(() -> token("{\"key\":[1," + digits + "],\"value\":[3,4,5]}"))
        .hasMessageStartingWith("record value: not valid JSON at or after the field key: Number");
    assertThatThrownBy(() -> token("{\"position\":" + digits + ",\"key\":[1,2],\"value\":[3,4,5]}"))
        .hasMessageStartingWith("record value: not valid JSON: Number");
    String id = "x".repeat(1_000_000);
    assertThat(((Event.Query) query("{\"query_id\":\"" + id + "\",\"queries\":[[1,2]]}")).queryId())
        .isEqualTo(id);
  }

  @Test
  void manyUnknownNames() throws BadRecordException {
    for (int round = 0; round < 20; round++) {
      int from = round * 5_000;
      String unknown =
          IntStream.range(from, from + 5_000)
              .mapToObj(i -> "\"field-" + i + "\":" + i)
              .collect(Collectors.joining(","));
      assertThat(token("{" + unknown + ",\"key\":[1,2],\"value\":[3,4,5]}"))
          .isInstanceOf(Event.Token.class);
    }
  }

  @Test
  void aHugeVectorOfTheWrongLengthIsRefused() {
    String numbers = String.join(",", Collections.nCopies(300_000, "1"));
    assertThatThrownBy(() -> token("{\"key\":[" + numbers + "],\"value\":[3,4,5]}"))
        .hasMessage("key: expected length 2 for head default, got 300000");
    String indices =
        IntStream.range(0, 100_000).mapToObj(String::valueOf).collect(Collectors.joining(","));
    String ones = String.join(",", Collections.nCopies(100_000, "1"));
    assertThatThrownBy(
            () ->
                token(
                    "{\"key\":{\"indices\":["
                        + indices
                        + "],\"values\":["
                        + ones
                        + "]},\"value\":[3,4,5]}"))
        .hasMessage(
            "key.indices[99999]: 99999 is out of range; head default takes vectors of length 2 here, so the indices are 0 to 1");
  }
}
