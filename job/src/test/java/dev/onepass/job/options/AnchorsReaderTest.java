// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.sketch.anchors.AnchorFile;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnchorsReaderTest {

  @TempDir Path directory;

  private static AnchorSet set(int version, int keyDim, long content) {
    Random random = new Random(content);
    float[] vectors = new float[256 * keyDim];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    return AnchorSetMaker.make(version, keyDim, vectors, vectors, 16, 7);
  }

  private String file(String name, AnchorFile.Entry... entries) throws IOException {
    Path file = directory.resolve(name);
    return Files.write(file, AnchorFile.toByteArray(List.of(entries))).toString();
  }

  private static JobSettings check(String files) {
    return SettingsReader.read(
        Map.of(
            "kafka.bootstrap.servers", "localhost:1",
            "heads", "a,b",
            "sketch.key-dim", "4",
            "head.b.key-dim", "6",
            "anchors.file", files));
  }

  @Test
  void setsOfDeclaredHeadsAreRead() throws Exception {
    String one =
        file(
            "one",
            new AnchorFile.Entry("a", set(1, 4, 1)),
            new AnchorFile.Entry("other", set(1, 9, 1)),
            new AnchorFile.Entry("a", set(2, 4, 2)));
    String two =
        file(
            "two",
            new AnchorFile.Entry("b", set(5, 6, 3)),
            new AnchorFile.Entry("a", set(1, 4, 1)));

    JobSettings settings = check(one + ", file://" + two);

    assertThat(settings.sequences().anchors().given())
        .extracting(StoredAnchorSet::name)
        .containsExactly("a/1", "a/2", "b/5");
    assertThat(settings.sequences().anchors().given().get(1).bytes())
        .containsExactly(set(2, 4, 2).toByteArray());
  }

  @ParameterizedTest
  @CsvSource({"hybrid, true", "anchors, true", "polynomial, false", "cluster, false"})
  void setsAreLearnedIfTheSketchUsesThem(String type, boolean learned) {
    Map<String, String> options =
        Map.of(
            "kafka.bootstrap.servers", "localhost:1",
            "sketch.key-dim", "4",
            "sketch.type", type);
    assertThat(SettingsReader.read(options).sequences().anchors().learn()).isEqualTo(learned);
  }

  @Test
  void problemsOfAFileAreNamed() throws Exception {
    String wide = file("wide", new AnchorFile.Entry("a", set(1, 5, 1)));
    assertThatThrownBy(() -> check(wide))
        .hasMessageContaining(
            "anchors.file: '%s' has a set that cannot be used: the anchor set is for keys of length 5, but head a has keys of length 4; create the set again"
                .formatted(wide));

    String foreign = file("foreign", new AnchorFile.Entry("x", set(1, 4, 1)));
    assertThatThrownBy(() -> check(foreign))
        .hasMessageContaining("has no set of the heads [a, b]; add its heads to heads");

    String twice =
        file(
            "twice",
            new AnchorFile.Entry("a", set(1, 4, 1)),
            new AnchorFile.Entry("a", set(1, 4, 2)));
    assertThatThrownBy(() -> check(twice))
        .hasMessageContaining("has a version 1 of head 'a' that differs from an earlier one");

    assertThatThrownBy(() -> check(file("empty"))).hasMessageContaining("empty' is empty");
    Path text = Files.writeString(directory.resolve("text"), "heads: a,b");
    assertThatThrownBy(() -> check(text.toString()))
        .hasMessageContaining("text' is not a file of anchor sets: set 1 of the anchor file");
    assertThatThrownBy(() -> check("nowhere://x/y")).hasMessageContaining("cannot be read: ");
  }
}
