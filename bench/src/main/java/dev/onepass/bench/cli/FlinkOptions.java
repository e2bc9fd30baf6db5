// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/** Options of the Flink cluster that a command starts. */
public final class FlinkOptions {

  @Option(
      names = "--flink",
      paramLabel = "OPTION=VALUE",
      description =
          "A Flink option, such as state.backend.rocksdb.writebuffer.size=4mb; can be repeated.")
  private Map<String, String> options = Map.of();

  public Map<String, String> options() {
    return options;
  }
}
