// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Base of tests that share an embedded broker and Flink cluster within their class. */
abstract class OnCluster {

  @TempDir static Path directory;

  static Cluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = Cluster.start(directory);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }
}
