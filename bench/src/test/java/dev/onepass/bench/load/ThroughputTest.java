package dev.onepass.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.load.Throughput.Rates;
import dev.onepass.job.format.RecordFormat;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * That the job keeps up with one that passes tokens through, by a wide margin: what is measured
 * here is that nothing became many times slower, not how fast it is.
 */
class ThroughputTest {

  /** Sequences keep all their tokens, so that this is what the job does around a sketch. */
  @Test
  @Timeout(60)
  void whatSurroundsTheSketchCostsLittle() throws IOException {
    Cell cell = new Cell("smoke", 32, 32, RecordFormat.PROTOBUF, 1_000, 100);
    try (Throughput throughput = new Throughput(1, MemorySize.ofMebiBytes(64), false, Map.of())) {
      Rates rates = throughput.measure(cell, 100_000, 1);
      // Measured on an idle machine: about 1.
      assertThat(rates.ratio()).isGreaterThan(0.25);
    }
  }

  @Test
  void mediansOfRuns() {
    assertThat(Rates.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Rates.median(List.of(4.0, 1.0))).isEqualTo(2.5);
    assertThat(new Rates(List.of(1.0, 2.0, 9.0), List.of(4.0), 0, 0, 1).ratio()).isEqualTo(0.5);
  }

  @Test
  void sequencesLeaveExactModeBeforeTheClockStarts() {
    for (Cell cell : Cell.ALL) {
      long tokens = cell.tokens(1);
      long exactTokens = (cell.stateKib() << 10) / (8L * cell.dim() + 6);
      if (cell.tokensEach() == 0) {
        assertThat(Window.SKIPPED * tokens).isGreaterThan(exactTokens * cell.sequences());
      }
    }
  }

  @Test
  void theWindowSkipsTheBeginning() {
    Window window = new Window(100);
    window.at(10, 1_000_000_000L);
    window.at(50, 2_000_000_000L);
    assertThat(window.rate(100, 4_000_000_000L)).isEqualTo(25);
  }
}
