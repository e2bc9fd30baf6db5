// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RowRangesTest {

  @Test
  void rangesAreTheSetOfRowsAdded() {
    Random random = new Random(4);
    for (int trial = 0; trial < 300; trial++) {
      RowRanges ranges = new RowRanges();
      TreeSet<Long> truth = new TreeSet<>();
      for (int i = 0; i < 12; i++) {
        long first = random.nextInt(60);
        long end = first + random.nextInt(6);
        boolean overlaps = truth.subSet(first, end).size() > 0;
        if (overlaps) {
          assertThatThrownBy(() -> ranges.add(first, end))
              .isInstanceOf(IncompatibleSketchException.class);
        } else {
          ranges.add(first, end);
          for (long row = first; row < end; row++) {
            truth.add(row);
          }
        }
        assertThat(ranges.rows()).isEqualTo(truth.size());
        assertThat(ranges.end()).isEqualTo(truth.isEmpty() ? 0 : truth.last() + 1);
        for (int r = 0; r < ranges.size(); r++) {
          assertThat(truth.subSet(ranges.from(r), ranges.to(r)))
              .hasSize((int) (ranges.to(r) - ranges.from(r)));
          assertThat(r == 0 || ranges.from(r) > ranges.to(r - 1)).isTrue();
        }
        long free = ranges.free(10, 3);
        assertThat(free).isGreaterThanOrEqualTo(10);
        assertThat(truth.subSet(free, free + 3)).isEmpty();
      }
      WireWriter out = new WireWriter(ranges.bytes());
      ranges.write(out);
      RowRanges read = RowRanges.read(new WireReader(out.toByteArray()));
      assertThat(read.rows()).isEqualTo(ranges.rows());
      assertThatThrownBy(
              () -> {
                RowRanges other = new RowRanges();
                other.add(0, 200);
                other.addAll(ranges);
              })
          .isInstanceOf(IncompatibleSketchException.class);
    }
  }

  @Test
  void tooManyRangesAreRefusedAndChangeNothing() {
    RowRanges ranges = new RowRanges();
    for (int i = 0; i < RowRanges.MAX; i++) {
      ranges.add(10L * i, 10L * i + 1);
    }
    assertThatThrownBy(() -> ranges.add(5, 6)).isInstanceOf(IncompatibleSketchException.class);
    assertThat(ranges.rows()).isEqualTo(RowRanges.MAX);
    assertThat(ranges.free(5, 2)).isEqualTo(ranges.end());
    ranges.add(1, 10);
    assertThat(ranges.size()).isEqualTo(RowRanges.MAX - 1);
  }
}
