// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks that all bytes give a valid event, or a {@link BadRecordException} with a message. */
class JsonRecordReaderFuzzTest {

  private static final List<String> GOOD =
      List.of(
          "{\"position\":17,\"key\":[1,-2.5e3],\"value\":[0.1,2,3],\"head\":\"default\",\"x\":{\"y\":[null]}}",
          "{\"key\":[1,2],\"value\":[1,2,3],\"op\":\"retract\"}",
          "{\"key\":{\"indices\":[1],\"values\":[2e1]},\"value\":{\"values\":[1,-2],\"indices\":[0,2]}}",
          "{\"query_id\":\"q\",\"queries\":[{\"indices\":[0],\"values\":[2]},[3.5,-4],{\"indices\":[],\"values\":[]}]}",
          "{\"op\":\"forget\",\"head\":\"\\u0064efault\"}",
          "{\"query_id\":\"q\\n\\ud83d\\ude00é\",\"queries\":[[1,2],[3.5,-4]],\"as_of\":12}",
          "{\"query_id\":\"q\",\"stats\":true}",
          "{\"query_id\":\"q\",\"recover\":{\"k\":16}}");

  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\ud800",
    "1e999",
    "-",
    "NaN",
    "null",
    "true",
    "0",
    "99999999999999999999",
    "\"key\":",
    "\"head\":",
    "\"indices\":",
    "\"values\":",
    "\0",
    "\ufeff",
    "/*",
    " "
  };

  private final JsonRecordReader reader = new JsonRecordReader(Samples.heads("default", "b"), 4);
  private int good;
  private int bad;

  private void feed(byte[] bytes) {
    RawRecord origin = Samples.record(new byte[] {'s'}, bytes);
    try {
      valid(reader.token("s", origin));
      good++;
    } catch (BadRecordException e) {
      assertThat(e.getMessage()).isNotBlank();
      bad++;
    }
    try {
      valid(reader.query("s", origin));
      good++;
    } catch (BadRecordException e) {
      assertThat(e.getMessage()).isNotBlank();
      bad++;
    }
  }

  private static void valid(Event event) {
    assertThat(event.key().head()).isIn("default", "b");
    if (event instanceof Event.Token token) {
      assertThat(token.position()).isGreaterThanOrEqualTo(-1);
      assertThat(token.vectorKey()).hasSize(2);
      assertThat(token.value()).hasSize(3);
      finite(token.vectorKey());
      finite(token.value());
    } else if (event instanceof Event.Query query) {
      assertThat(query.queryId()).isNotNull();
      assertThat(query.asOf()).isNotNegative();
      assertThat(query.count()).isBetween(1, 4);
      assertThat(query.vectors()).hasSize(2 * query.count());
      finite(query.vectors());
    }
  }

  private static void finite(float[] numbers) {
    for (float number : numbers) {
      assertThat(number).isFinite();
    }
  }

  @Test
  void randomBytes() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (bytes.length > 0 && i % 2 == 0) {
        bytes[0] = '{';
      }
      feed(bytes);
    }
    assertThat(bad).isEqualTo(40_000);
  }

  @Test
  void mutatedRecords() {
    Random random = new Random(2);
    for (int i = 0; i < 40_000; i++) {
      byte[] bytes = Samples.utf8(GOOD.get(random.nextInt(GOOD.size())));
      for (int m = random.nextInt(4); m >= 0; m--) {
        bytes = mutate(bytes, random);
      }
      feed(bytes);
    }
    // Both outcomes must be frequent, or the mutations would test nothing.
    assertThat(good).isGreaterThan(1_000);
    assertThat(bad).isGreaterThan(20_000);
  }

  @Test
  void encodingsThatJacksonGuesses() {
    for (String text : GOOD) {
      for (String charset : List.of("UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE")) {
        byte[] bytes = text.getBytes(Charset.forName(charset));
        for (int cut = 0; cut <= bytes.length; cut++) {
          feed(Arrays.copyOf(bytes, cut));
        }
      }
    }
    assertThat(bad).isGreaterThan(1_000);
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length + 1);
    int until = Math.min(bytes.length, at + random.nextInt(4));
    byte[] piece =
        switch (random.nextInt(4)) {
          case 0 -> new byte[0];
          case 1 -> new byte[] {(byte) random.nextInt(256)};
          case 2 -> Samples.utf8(PIECES[random.nextInt(PIECES.length)]);
          default -> Arrays.copyOfRange(bytes, random.nextInt(at + 1), at);
        };
    byte[] mutated = new byte[at + piece.length + bytes.length - until];
    System.arraycopy(bytes, 0, mutated, 0, at);
    System.arraycopy(piece, 0, mutated, at, piece.length);
    System.arraycopy(bytes, until, mutated, at + piece.length, bytes.length - until);
    return mutated;
  }
}
