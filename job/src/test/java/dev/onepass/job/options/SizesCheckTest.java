// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesCheckTest {

  private static Map<String, String> options(int keyDim, int valueDim, String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("heads", "narrow,wide");
    options.put("head.narrow.key-dim", "2");
    options.put("head.wide.key-dim", "" + keyDim);
    options.put("head.wide.value-dim", "" + valueDim);
    options.put("sketch.state-size", "64MiB");
    options.put("sketch.type", "exact");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  @ParameterizedTest
  @CsvSource({
    "64, 64, 129553, 64 MiB over 4 (64 + 64) + 6",
    "8192, 8192, 1023, 64 MiB over 4 (8192 + 8192) + 6",
    "768, 768, 10912, 64 MiB over 4 (768 + 768) + 6"
  })
  void shadowsFitIntoAValueOfTheStateBackend(int keyDim, int valueDim, int most, String why) {
    Map<String, String> options = options(keyDim, valueDim, "shadow.tokens", "" + most);
    assertThatCode(() -> SettingsReader.read(options)).as(why).doesNotThrowAnyException();
    options.put("shadow.tokens", "" + (most + 1));
    assertThat(refusal(options))
        .as(why)
        .contains(
            "shadow.tokens: %d times %d bytes (in the widest head) exceed 64MiB; set at most %d"
                .formatted(most + 1, 4 * (keyDim + valueDim) + 6, most));
  }

  @Test
  void theDefaultOfShadowsIsCheckedOnlyIfThereAreShadows() {
    Map<String, String> wide = options(8192, 8192);
    assertThatCode(() -> SettingsReader.read(wide)).doesNotThrowAnyException();
    wide.put("shadow.one-in", "10");
    assertThat(refusal(wide)).contains("shadow.tokens: 16384 times 65542 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "8192, 8192, records.query-max-vectors, 1024, 1025",
    "2, 8192, records.query-max-vectors, 1024, 1048576",
    "64, 64, records.query-max-vectors, 131072, 131073"
  })
  void sumsOfAQueryFitOnTheHeap(int keyDim, int valueDim, String option, int most, int more) {
    Map<String, String> options = options(keyDim, valueDim, option, "" + most);
    assertThatCode(() -> SettingsReader.read(options)).doesNotThrowAnyException();
    options.put(option, "" + more);
    assertThat(refusal(options)).contains(option + ": " + more).contains("set at most " + most);
  }

  @Test
  void samplesOfTheLearnerFitIntoAValue() {
    Map<String, String> options =
        options(8192, 16, "sketch.type", "hybrid", "anchors.count", "8192");
    options.put("anchors.factor-cache", "1GiB");
    assertThatCode(() -> SettingsReader.read(options)).doesNotThrowAnyException();
    options.put("anchors.count", "8193");
    assertThat(refusal(options)).contains("anchors.count: 8193").contains("set at most 8192");
    options.put("anchors.learn", "false");
    assertThatCode(() -> SettingsReader.read(options)).doesNotThrowAnyException();
  }

  @Test
  void theLargestFactorThatAHeadCanNeedFitsIntoItsCache() {
    Map<String, String> options = options(32, 32, "sketch.type", "hybrid");
    assertThatCode(() -> SettingsReader.read(options)).doesNotThrowAnyException();
    options.put("anchors.count", "8192");
    assertThat(refusal(options))
        .contains("anchors.factor-cache: answers of head")
        .contains("can need a factor of 263MiB, but the limit is 256MiB")
        .contains("set anchors.factor-cache to at least 263MiB");
    options.put("anchors.factor-cache", "300MiB");
    assertThatCode(() -> SettingsReader.read(options)).doesNotThrowAnyException();
  }

  private static String refusal(Map<String, String> options) {
    OptionsException refusal =
        catchThrowableOfType(OptionsException.class, () -> SettingsReader.read(options));
    assertThat(refusal).as("%s", options).isNotNull();
    return refusal.getMessage();
  }
}
