// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlinkTest {
  @TempDir Path directory;

  @Test
  void runsTheJobOfAJarAndReportsWhyItFailed() throws Exception {
    Path jar = jar();
    try (EmbeddedFlink flink =
        EmbeddedFlink.start(directory.resolve("flink"), 2, 0, new Configuration())) {
      assertThat(overview(flink)).isEqualTo(200);

      FlinkJob endless = flink.submit(jar, "-1");
      endless.awaitRunning(Duration.ofSeconds(20));
      assertThat(endless.failure()).isEmpty();
      endless.cancel();
      assertThat(endless.failure()).isPresent();

      FlinkJob failing = flink.submit(jar, "100");
      for (int i = 0; i < 200 && failing.failure().isEmpty(); i++) {
        Thread.sleep(50);
      }
      assertThat(failing.failure().orElseThrow()).contains("failed at 100; on purpose");

      assertThatThrownBy(() -> flink.submit(jar))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no number was given");
      assertThatThrownBy(() -> flink.submit(directory.resolve("none.jar")))
          .isInstanceOf(IOException.class);
    }
  }

  /** Returns the HTTP status of the web interface after the cluster has elected a leader. */
  private static int overview(EmbeddedFlink flink) throws Exception {
    for (int attempt = 0; ; attempt++) {
      HttpURLConnection web =
          (HttpURLConnection) flink.webAddress().resolve("/overview").toURL().openConnection();
      int code = web.getResponseCode();
      web.disconnect();
      if (code != HttpURLConnection.HTTP_UNAVAILABLE || attempt == 100) {
        return code;
      }
      Thread.sleep(100);
    }
  }

  private Path jar() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FailingJob.class.getName());
    String name = FailingJob.class.getName().replace('.', '/') + ".class";
    Path jar = directory.resolve("job.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream archive = new JarOutputStream(out, manifest);
        InputStream bytes = FailingJob.class.getResourceAsStream("FailingJob.class")) {
      archive.putNextEntry(new ZipEntry(name));
      bytes.transferTo(archive);
      archive.closeEntry();
    }
    return jar;
  }
}
