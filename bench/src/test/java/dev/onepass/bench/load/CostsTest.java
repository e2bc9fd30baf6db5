package dev.onepass.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.load.FlatTimes.Point;
import dev.onepass.job.format.RecordFormat;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.SequenceStore;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the costs are measured of what they are said to be of. */
class CostsTest {
  private static final int DIM = 8;
  private static final int STATE = 8 << 10;

  @Test
  @Timeout(60)
  void sketchAndHistoryAnswerTheSameQuestion() throws IOException {
    try (QueryTimes times = new QueryTimes(DIM, STATE, 2_000)) {
      for (long i = 0; i < 5; i++) {
        assertThat(times.difference(i)).isLessThan(0.5);
      }
      QueryTimes.Micros micros = times.measure(5, 10);
      assertThat(micros.sketch()).isPositive();
      assertThat(micros.exact()).isPositive();
      assertThat(micros.candidates()).isPositive();
    }
  }

  /** Where all tokens are kept, both are exact. */
  @Test
  @Timeout(60)
  void bothAreExactWhileTheSequenceIs() throws IOException {
    try (QueryTimes times = new QueryTimes(DIM, STATE, 100)) {
      assertThat(times.difference(3)).isLessThan(1e-5);
    }
  }

  @Test
  @Timeout(60)
  void stateStaysWithinItsBytes() throws IOException {
    List<Point> points = new FlatTimes(DIM, STATE, 10_000).measure(10_000);
    assertThat(points).hasSize(1);
    assertThat(points.get(0).stateBytes()).isBetween(4L << 10, 8L << 10);
    assertThat(points.get(0).diskBytes()).isBetween(4L << 10, 16L << 10);
    assertThat(points.get(0).micros()).isPositive();
    assertThat(points.get(0).allocated()).isPositive();
  }

  /** The states lie in RocksDB as they would on the heap. */
  @Test
  void rocksStoreKeepsWhatItIsGiven() throws IOException {
    MemoryTokens tokens = new MemoryTokens("cluster", 8, 8 << 10, 0);
    HeapStore heap = new HeapStore();
    try (RocksStore rocks = new RocksStore()) {
      for (SequenceStore store : List.of(heap, rocks)) {
        Sequence sequence = new Sequence(tokens.head(), store, AnchorSets.NONE);
        for (long i = 0; i < 500; i++) {
          Header header = sequence.header();
          sequence.accept(header, i, tokens.key(i), tokens.value(i));
          store.putHeader(header);
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

  @Test
  void tokensOnTheWireAreTheirFloatsAndLittleMore() {
    WireBytes protobuf = WireBytes.of(RecordFormat.PROTOBUF, 32);
    WireBytes json = WireBytes.of(RecordFormat.JSON, 32);
    assertThat(protobuf.record()).isCloseTo(256, within(32.0));
    assertThat(json.record()).isBetween(2 * protobuf.record(), 4 * protobuf.record());
    // The record goes along, for a dead letter.
    assertThat(protobuf.shuffled()).isBetween(2 * 256.0, 2 * 256 + 200.0);
  }
}
