// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.records.Samples;
import dev.onepass.operators.event.Event;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks that every decimal number becomes the nearest float, like {@link Float#parseFloat}. */
class JsonNumbersTest {

  private final JsonRecordReader reader = new JsonRecordReader(Samples.heads("default"), 1024);

  private void expectNearestFloats(List<String> numbers) throws BadRecordException {
    StringBuilder queries = new StringBuilder();
    for (String number : numbers) {
      queries.append(queries.isEmpty() ? "" : ",").append("[0,").append(number).append("]");
    }
    String json = "{\"query_id\":\"q\",\"queries\":[" + queries + "]}";
    float[] read = ((Event.Query) reader.query("s", Samples.record("s", json))).vectors();
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(read[2 * i + 1])
          .as(numbers.get(i))
          // Zeros are equal here, since an integer has no -0.
          .isEqualTo(Float.parseFloat(numbers.get(i)) + 0f);
    }
  }

  @Test
  void integersBetweenTwoFloats() throws BadRecordException {
    Random random = new Random(8);
    List<String> numbers = new ArrayList<>(List.of("-0", "16777217", "16777219"));
    numbers.add(new BigDecimal(Float.MAX_VALUE).toPlainString());
    int roundedTwiceElsewhere = 0;
    for (int bit = 25; bit < 127; bit++) {
      // The middle of two floats and its neighbour: from 2^54 on a double cannot distinguish them.
      long mantissa = (1L << 24) + 2L * random.nextInt(1 << 22) + 1;
      BigInteger middle = BigInteger.valueOf(mantissa).shiftLeft(bit - 24);
      for (int beside = -1; beside <= 1; beside++) {
        BigInteger number = middle.add(BigInteger.valueOf(beside));
        numbers.add(number.toString());
        numbers.add(number.negate().toString());
        roundedTwiceElsewhere += number.floatValue() == (float) number.doubleValue() ? 0 : 1;
      }
    }
    assertThat(roundedTwiceElsewhere).isGreaterThan(50);
    expectNearestFloats(numbers);
  }

  @Test
  void halfwayCasesAndTheirNeighbours() throws BadRecordException {
    Random random = new Random(5);
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      float number = Float.intBitsToFloat(random.nextInt());
      if (!Float.isFinite(number) || Math.abs(number) == Float.MAX_VALUE) {
        continue;
      }
      BigDecimal middle =
          new BigDecimal(number).add(new BigDecimal(Math.nextUp(number))).divide(new BigDecimal(2));
      BigDecimal little = middle.ulp().scaleByPowerOfTen(-3);
      BigDecimal beside =
          switch (i % 3) {
            case 0 -> middle;
            case 1 -> middle.add(little);
            default -> middle.subtract(little);
          };
      numbers.add(i % 2 == 0 ? beside.toPlainString() : beside.toString());
    }
    assertThat(numbers).hasSizeGreaterThan(900);
    expectNearestFloats(numbers);
  }

  @Test
  void shortestFormsOfFloatsAndDoubles() throws BadRecordException {
    Random random = new Random(6);
    for (int round = 0; round < 20; round++) {
      List<String> numbers = new ArrayList<>();
      while (numbers.size() < 1000) {
        float number = Float.intBitsToFloat(random.nextInt());
        if (Float.isFinite(number)) {
          numbers.add(
              switch (numbers.size() % 4) {
                case 0 -> Float.toString(number);
                case 1 -> Double.toString(number + random.nextGaussian() * Math.ulp(number));
                case 2 -> String.format(Locale.ROOT, "%.3f", random.nextGaussian());
                default -> Long.toString(random.nextLong() >> random.nextInt(64));
              });
        }
      }
      expectNearestFloats(numbers);
    }
  }
}
