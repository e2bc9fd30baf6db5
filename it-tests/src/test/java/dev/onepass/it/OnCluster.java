package dev.onepass.it;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A test that has a broker and a Flink cluster of its own, as long as its class runs. */
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
