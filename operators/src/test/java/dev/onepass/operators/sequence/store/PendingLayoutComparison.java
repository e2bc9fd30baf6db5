// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;

/**
 * Times the layouts of the pending block over RocksDB in microseconds per token. Each token reads
 * and writes the header, each full block is read and cleared, and snapshots are taken along the
 * way. docs/architecture.md has the table and the command.
 */
class PendingLayoutComparison {

  private static final int TOKEN_BYTES = 1 + 4 * 64;
  private static final int HEADER_BYTES = 96;
  private static final long HEAP_BYTES = 64L << 20;

  /** A setup: {@code cut} tokens per block, {@code snapshots} along the way. */
  private record Workload(String name, int sequences, int cut, int tokens, int snapshots) {}

  private interface LayoutFactory {
    PendingLayout open(KeyedProcessFunction<?, ?, ?> function, KeyedStateBackend<Long> backend);
  }

  @Test
  void printTheTable() throws Exception {
    Map<String, LayoutFactory> layouts = new LinkedHashMap<>();
    layouts.put("none (header only)", (f, b) -> null);
    layouts.put("list state", (f, b) -> new PendingLayout.ListLayout(f.getRuntimeContext()));
    layouts.put("chunks of 8", (f, b) -> new PendingLayout.ChunkLayout(f.getRuntimeContext(), 8));
    layouts.put(
        "heap, value",
        (f, b) -> new PendingLayout.HeapLayout(f.getRuntimeContext(), b, HEAP_BYTES, false));
    layouts.put(
        "heap, list",
        (f, b) -> new PendingLayout.HeapLayout(f.getRuntimeContext(), b, HEAP_BYTES, true));
    List<Workload> workloads =
        List.of(
            new Workload("1 000 sequences, cut 31", 1_000, 31, 300_000, 3),
            new Workload("1 000 sequences, cut 124", 1_000, 124, 300_000, 3),
            new Workload("100 000 sequences, cut 31", 100_000, 31, 600_000, 3));
    System.out.println(
        "| layout | " + String.join(" | ", workloads.stream().map(Workload::name).toList()) + " |");
    for (Map.Entry<String, LayoutFactory> layout : layouts.entrySet()) {
      StringBuilder row = new StringBuilder("| " + layout.getKey());
      for (Workload workload : workloads) {
        List<double[]> runs = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
          runs.add(run(layout.getValue(), workload));
        }
        runs.sort(Comparator.comparingDouble(r -> r[0]));
        System.err.printf("%s, %s: %.1f us%n", layout.getKey(), workload.name(), runs.get(1)[0]);
        row.append(" | %.1f us, snapshot %.0f ms".formatted(runs.get(1)[0], runs.get(1)[1]));
      }
      System.out.println(row.append(" |"));
    }
  }

  /** Microseconds per token, milliseconds per snapshot. */
  private static double[] run(LayoutFactory layout, Workload workload) throws Exception {
    Path directory = Files.createTempDirectory("pending-layout");
    TimedOperator operator = new TimedOperator(layout, workload);
    try (KeyedOneInputStreamOperatorTestHarness<Long, Long, Long> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(operator, key -> key, Types.LONG, 128, 1, 0)) {
      EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend(true);
      backend.setDbStoragePath(directory.toString());
      // The memory of a task slot in a small TaskManager; the default of a harness is far smaller.
      backend.getMemoryConfiguration().setFixedMemoryPerSlot("256mb");
      harness.setStateBackend(backend);
      harness.setCheckpointStorage(new FileSystemCheckpointStorage(directory.toUri()));
      harness.open();
      int part = workload.tokens / workload.snapshots;
      long snapshotNanos = 0;
      long begin = System.nanoTime();
      for (int i = 0; i < workload.tokens; i++) {
        // A multiplicative step visits all sequences in a scattered order, each equally often.
        long key = (i * 7919L) % workload.sequences;
        harness.processElement(key, 0);
        if (i % part == part - 1) {
          long before = System.nanoTime();
          operator.flush();
          harness.snapshot(i, i);
          snapshotNanos += System.nanoTime() - before;
        }
      }
      double micros = (System.nanoTime() - begin - snapshotNanos) / 1e3 / workload.tokens;
      return new double[] {micros, snapshotNanos / 1e6 / workload.snapshots};
    } finally {
      try (var files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  private static final class TimedOperator extends KeyedProcessOperator<Long, Long, Long> {
    private static final long serialVersionUID = 1L;

    TimedOperator(LayoutFactory layout, Workload workload) {
      super(new TimedFunction(layout, workload));
      ((TimedFunction) userFunction).operator = this;
    }

    void flush() throws Exception {
      PendingLayout layout = ((TimedFunction) userFunction).layout;
      if (layout != null) {
        layout.flush();
      }
    }
  }

  private static final class TimedFunction extends KeyedProcessFunction<Long, Long, Long> {
    private static final long serialVersionUID = 1L;

    private final transient LayoutFactory factory;
    private final transient Workload workload;
    private transient AbstractStreamOperator<Long> operator;
    private transient PendingLayout layout;
    private transient ValueState<byte[]> header;

    TimedFunction(LayoutFactory factory, Workload workload) {
      this.factory = factory;
      this.workload = workload;
    }

    @Override
    public void open(OpenContext context) {
      header =
          getRuntimeContext()
              .getState(
                  new ValueStateDescriptor<>(
                      "header", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
      layout = factory.open(this, operator.<Long>getKeyedStateBackend());
    }

    @Override
    public void processElement(Long key, Context context, Collector<Long> out) throws Exception {
      byte[] bytes = header.value();
      if (bytes == null) {
        bytes = new byte[HEADER_BYTES];
      }
      byte[] token = new byte[TOKEN_BYTES];
      token[0] = 1;
      if (layout != null) {
        layout.append(key, token);
      }
      bytes[0]++;
      if (bytes[0] == workload.cut) {
        int taken = layout == null ? workload.cut * TOKEN_BYTES : layout.take(key);
        if (taken != workload.cut * TOKEN_BYTES) {
          throw new IllegalStateException(taken + " bytes of a block of " + workload.cut);
        }
        bytes[0] = 0;
      }
      header.update(bytes);
    }
  }
}
