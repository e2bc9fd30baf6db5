// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.job.format.fields.Heads;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Heads and records for several tests. */
public final class Samples {

  private Samples() {}

  /** Returns an opened harness that does not copy its output, as between chained operators. */
  public static <I, O> OneInputStreamOperatorTestHarness<I, O> harness(
      ProcessFunction<I, O> function, TypeInformation<O> output) throws Exception {
    OneInputStreamOperatorTestHarness<I, O> harness =
        new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(function));
    harness.setup(output.createSerializer(new SerializerConfigImpl()));
    harness.open();
    return harness;
  }

  /** Returns heads with keys of length 2 and values of length 3. */
  public static Heads heads(String... names) {
    return new Heads(
        Arrays.stream(names)
            .map(name -> new HeadSpec(name, 2, 3, 1, 65536, 0, ExactFamily.INSTANCE, 7, Map.of()))
            .toList());
  }

  public static byte[] utf8(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  public static Headers.Header header(String name, String value) {
    return new Headers.Header(name, utf8(value));
  }

  public static RawRecord record(String key, String value, Headers.Header... headers) {
    return record(utf8(key), utf8(value), headers);
  }

  public static RawRecord record(byte[] key, byte[] value, Headers.Header... headers) {
    return new RawRecord(
        "in", 3, 42, 1_700_000_000_000L, key, value, new Headers(List.of(headers)));
  }
}
