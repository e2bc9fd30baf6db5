// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.stores;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.load.MemoryTokens;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.SequenceStore;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RocksStoreTest {

  /** Feeds the same tokens to both stores and compares header, sketch and pending block. */
  @Test
  void rocksStoreKeepsTheSameStateAsTheHeapStore() throws IOException {
    MemoryTokens tokens = new MemoryTokens("cluster", 8, 8 << 10, 0);
    HeapStore heap = new HeapStore();
    try (RocksStore rocks = new RocksStore()) {
      for (SequenceStore store : List.of(heap, rocks)) {
        Sequence sequence = Sequence.open(tokens.head(), store, AnchorSets.NONE);
        for (long i = 0; i < 500; i++) {
          sequence.accept(i, tokens.key(i), tokens.value(i));
          sequence.save();
        }
      }
      assertThat(rocks.header().toByteArray()).isEqualTo(heap.header().toByteArray());
      assertThat(rocks.sketch(AnchorSets.NONE).toByteArray()).isEqualTo(heap.sketchBytes());
      assertThat(rocks.pending(8, 8).count()).isEqualTo(heap.pending(8, 8).count());
      assertThat(rocks.pending(8, 8).meanKey()).isEqualTo(heap.pending(8, 8).meanKey());
      rocks.sequence(1);
      assertThat(rocks.header()).isNull();
    }
  }
}
