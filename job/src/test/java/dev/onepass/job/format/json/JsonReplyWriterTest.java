// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.api.Recovery;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonReplyWriterTest {

  private static final SequenceKey KEY = new SequenceKey("h", "s \"é\u0001", 0);

  private final JsonReplyWriter writer = new JsonReplyWriter();

  private static Reply.Answer answer(
      float[][] outputs, float[] error, double[] logNormalizer, float[] beyondBound) {
    return new Reply.Answer(
        KEY,
        Samples.record("s", "{}"),
        "q1",
        outputs,
        error,
        logNormalizer,
        error,
        beyondBound,
        -1,
        131072,
        131071,
        "polynomial",
        3,
        false,
        true,
        false,
        false);
  }

  private static Reply.Answer withoutTokens(
      SequenceKey key, String queryId, boolean timedOut, boolean queueFull, boolean incomplete) {
    return new Reply.Answer(
        key,
        Samples.record("s", "{}"),
        queryId,
        new float[0][],
        new float[0],
        new double[0],
        new float[0],
        null,
        -1,
        0,
        -1,
        "exact",
        0,
        true,
        timedOut,
        queueFull,
        incomplete);
  }

  private static Reply.Answer marked(boolean queueFull, boolean incomplete) {
    return withoutTokens(KEY, "q1", true, queueFull, incomplete);
  }

  @Test
  void optionalMarksAreWrittenOnlyIfTrue() {
    assertThat(text(marked(false, false))).endsWith("\"timed_out\":true}");
    assertThat(text(marked(true, false))).endsWith("\"timed_out\":true,\"queue_full\":true}");
    assertThat(text(marked(false, true))).endsWith("\"timed_out\":true,\"incomplete\":true}");
    Reply.Stats stats =
        new Reply.Stats(KEY, Samples.record("s", "{}"), "s", 12, 96, "exact", true, 0, 5, true);
    assertThat(text(stats)).endsWith("\"duplicates\":5,\"incomplete\":true}");
  }

  private String text(Reply reply) {
    return Samples.text(writer.write(reply));
  }

  @Test
  void anAnswer() {
    assertThat(
            text(
                answer(
                    new float[][] {{1, -0.5f, 1e-30f}, {3.4028235e38f, 0, 16777216}},
                    new float[] {0.125f, 0},
                    new double[] {-1e300, 0.1},
                    null)))
        .isEqualTo(
            "{\"sequence\":\"s \\\"é\\u0001\",\"query_id\":\"q1\",\"head\":\"h\","
                + "\"outputs\":[[1.0,-0.5,1.0E-30],[3.4028235E38,0.0,1.6777216E7]],"
                + "\"error\":[0.125,0.0],\"log_normalizer\":[-1.0E300,0.1],"
                + "\"log_normalizer_error\":[0.125,0.0],"
                + "\"tokens\":131072,\"position\":131071,\"sketch\":\"polynomial\","
                + "\"anchors_version\":3,\"exact\":false,\"timed_out\":true}");
  }

  @Test
  void anAnswerWithoutTokens() {
    Reply.Answer answer = withoutTokens(new SequenceKey("h", "s", 0), "", false, false, false);
    assertThat(text(answer))
        .isEqualTo(
            "{\"sequence\":\"s\",\"query_id\":\"\",\"head\":\"h\","
                + "\"outputs\":[],\"error\":[],\"log_normalizer\":[],"
                + "\"log_normalizer_error\":[],"
                + "\"tokens\":0,\"position\":null,\"sketch\":\"exact\","
                + "\"anchors_version\":null,\"exact\":true,\"timed_out\":false}");
  }

  @Test
  void unknownValuesAndNonFiniteNumbersAreNull() {
    assertThat(
            text(
                answer(
                    new float[][] {{Float.NaN, Float.NEGATIVE_INFINITY}},
                    new float[] {Float.NaN},
                    new double[] {Double.NEGATIVE_INFINITY},
                    new float[] {0.25f})))
        .contains(
            "\"outputs\":[[null,null]],\"error\":[null],\"log_normalizer\":[null],"
                + "\"log_normalizer_error\":[null],"
                + "\"beyond_bound\":[0.25],\"tokens\"");
  }

  @Test
  void anAnswerOfTheOnepassSketchHasItsFirstRow() {
    Reply.Answer answer =
        new Reply.Answer(
            KEY,
            Samples.record("s", "{}"),
            "q",
            new float[0][],
            new float[0],
            new double[0],
            new float[0],
            null,
            17,
            1,
            0,
            "onepass",
            0,
            false,
            false,
            false,
            false);
    assertThat(text(answer)).contains("\"first_row\":17,\"tokens\":1");
  }

  @Test
  void recoveredColumns() {
    Recovery recovery =
        new Recovery(
            1L << 33,
            List.of(
                new Recovery.Column(new long[] {1L << 32, 3}, new float[] {-1.5f, 0.25f}, 9, 0.125),
                new Recovery.Column(new long[0], new float[0], 0, 0)));
    assertThat(text(new Reply.Recovered(KEY, Samples.record("s", "{}"), "r1", recovery)))
        .isEqualTo(
            "{\"sequence\":\"s \\\"é\\u0001\",\"query_id\":\"r1\",\"head\":\"h\","
                + "\"rows\":8589934592,\"columns\":[[[4294967296,-1.5],[3,0.25]],[]],"
                + "\"tail\":[0.125,0.0]}");
  }

  @Test
  void stats() {
    Reply.Stats stats =
        new Reply.Stats(KEY, Samples.record("s", "{}"), "s1", 12, 4096, "exact", true, 0, 5, false);
    assertThat(text(stats))
        .isEqualTo(
            "{\"sequence\":\"s \\\"é\\u0001\",\"query_id\":\"s1\",\"head\":\"h\",\"tokens\":12,"
                + "\"state_bytes\":4096,\"sketch\":\"exact\",\"exact\":true,"
                + "\"anchors_version\":null,\"duplicates\":5}");
  }

  @Test
  void numbersRoundTripBitForBit() throws IOException {
    Random random = new Random(3);
    float[] outputs = new float[20_000];
    double[] logNormalizer = new double[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      do {
        outputs[i] = Float.intBitsToFloat(random.nextInt());
        logNormalizer[i] = Double.longBitsToDouble(random.nextLong());
      } while (!Float.isFinite(outputs[i]) || !Double.isFinite(logNormalizer[i]));
    }
    outputs[0] = Float.MIN_VALUE;
    outputs[1] = Float.MAX_VALUE;
    outputs[2] = -0f;
    JsonNode json =
        new ObjectMapper()
            .readTree(
                writer.write(
                    answer(new float[][] {outputs}, new float[0], logNormalizer, outputs)));
    for (int i = 0; i < outputs.length; i++) {
      assertThat(Float.parseFloat(json.get("outputs").get(0).get(i).asText()))
          .isEqualTo(outputs[i]);
      assertThat(Float.parseFloat(json.get("beyond_bound").get(i).asText())).isEqualTo(outputs[i]);
      assertThat(Double.parseDouble(json.get("log_normalizer").get(i).asText()))
          .isEqualTo(logNormalizer[i]);
    }
    assertThat(json.get("sequence").asText()).isEqualTo(KEY.sequence());
  }
}
