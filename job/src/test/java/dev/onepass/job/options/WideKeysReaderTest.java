// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.anchors.AnchorFile;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.sequence.WideKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the options of heads with wide keys. */
class WideKeysReaderTest {

  @TempDir Path directory;

  private static JobSettings read(String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("heads", "a,b.c");
    options.put("sketch.key-dim", "4096");
    options.put("sketch.value-dim", "32");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return SettingsReader.read(options);
  }

  private static WideKeys wide(JobSettings settings, int head) {
    return settings.sequences().heads().get(head).wide();
  }

  @Test
  void aHeadHasColumnsOfItsOwn() {
    JobSettings settings = read("head.b.c.columns", "64");
    assertThat(wide(settings, 0)).isEqualTo(WideKeys.NONE);
    assertThat(wide(settings, 1)).isEqualTo(new WideKeys(64, 0.9));
    assertThat(settings.inForce())
        .contains("head.b.c.columns = 64", "head.b.c.columns.least-variance = 0.9")
        .doesNotContain("head.a.columns = 0");
    assertThat(settings.describeHeads().get(1))
        .contains("keys are projected from 4096 to 64 columns");
  }

  @Test
  void theLeastVarianceIsCommonOrOfAHead() {
    JobSettings settings =
        read(
            "columns.least-variance", "0.8",
            "head.a.columns", "64",
            "head.b.c.columns", "32",
            "head.b.c.columns.least-variance", "0.5");
    assertThat(wide(settings, 0)).isEqualTo(new WideKeys(64, 0.8));
    assertThat(wide(settings, 1)).isEqualTo(new WideKeys(32, 0.5));
  }

  @Test
  void problemsSayWhatToSet() {
    for (String columns : List.of("0", "-1", "4096")) {
      assertThatThrownBy(() -> read("head.a.columns", columns))
          .hasMessageContaining(
              "head.a.columns must be from 1 to 4095, because the keys have length 4096, not "
                  + columns);
    }
    assertThatThrownBy(() -> read("head.a.columns", "many"))
        .hasMessageContaining("head.a.columns: 'many' is not valid");
    assertThatThrownBy(() -> read("columns.least-variance", "1.5"))
        .hasMessageContaining("columns.least-variance must be from 0 to 1, not 1.5");
    assertThatThrownBy(() -> read("head.x.columns", "4"))
        .hasMessageContaining("head.x.columns: head 'x' is not declared");
    assertThatThrownBy(() -> read("head.a.columns", "64", "sketch.type", "onepass"))
        .hasMessageContaining("head a: the family onepass does not support columns")
        .hasMessageContaining("or change head.a.columns");
    assertThatThrownBy(() -> read("head.a.columns", "64", "head.a.state-size", "32KiB"))
        .hasMessageContaining("head a: a quarter of the state size must hold one token");
  }

  /** Columns come with sets, so every sketch.type learns them. */
  @Test
  void setsAreLearnedForColumns() {
    assertThat(read("sketch.type", "cluster").sequences().anchors().learn()).isFalse();
    assertThat(read("sketch.type", "cluster", "head.a.columns", "64").sequences().anchors().learn())
        .isTrue();
  }

  /** A thousand query vectors, the default limit, fit at this length; shadows as well. */
  @Test
  void limitsOfRecordsHold() {
    assertThat(read("head.a.columns", "64", "records.query-max-vectors", "2048"))
        .extracting(JobSettings::queryMaxVectors)
        .isEqualTo(2048);
    assertThatThrownBy(() -> read("head.a.columns", "64", "records.query-max-vectors", "2049"))
        .hasMessageContaining("set at most 2048");
    assertThatThrownBy(() -> read("head.a.columns", "64", "shadow.one-in", "2"))
        .hasMessageContaining("shadow.tokens: ");
  }

  @Test
  void filesHaveSetsWithColumns() throws Exception {
    Random random = new Random(1);
    float[] vectors = new float[256 * 8];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    AnchorSet set =
        WideSetMaker.make(
            1, WideSetMaker.columns(8, vectors, vectors, 3, 7), vectors, vectors, 16, 7);
    String file =
        Files.write(
                directory.resolve("sets"),
                AnchorFile.toByteArray(List.of(new AnchorFile.Entry("a", set))))
            .toString();
    JobSettings settings =
        read(
            "head.a.key-dim", "8",
            "head.a.columns", "3",
            "head.a.columns.least-variance", "0.1",
            "anchors.file", file);
    assertThat(settings.sequences().anchors().given()).hasSize(1);
    assertThatThrownBy(
            () -> read("head.a.key-dim", "8", "head.a.columns", "3", "anchors.file", file))
        .hasMessageContaining("has a set that cannot be used: ")
        .hasMessageContaining("3 of 8 key coordinates keep ")
        .hasMessageContaining("but at least 90.0 % is required")
        .hasMessageContaining("create the set again");
    assertThatThrownBy(() -> read("head.a.key-dim", "8", "anchors.file", file))
        .hasMessageContaining("the anchor set has 3 columns, but head a has no columns");
  }
}
