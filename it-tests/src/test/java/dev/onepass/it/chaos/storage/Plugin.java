// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.flink.core.fs.FileSystemFactory;

/** Builds the jar that brings this package into Flink's processes. */
public final class Plugin {

  private static final List<String> CLASSES =
      List.of(
          "Switches",
          "UnsteadyFileSystem",
          "UnsteadyFileSystem$Output",
          "UnsteadyFileSystemFactory");

  private Plugin() {}

  /** Writes the jar into Flink's folder of plugins, where users put the S3 plugin. */
  public static void install(Path plugins) throws IOException {
    Path jar =
        Files.createDirectories(plugins.resolve(UnsteadyFileSystemFactory.SCHEME))
            .resolve(UnsteadyFileSystemFactory.SCHEME + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name : CLASSES) {
        out.putNextEntry(
            new JarEntry(Plugin.class.getPackageName().replace('.', '/') + "/" + name + ".class"));
        try (InputStream in = Plugin.class.getResourceAsStream(name + ".class")) {
          in.transferTo(out);
        }
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + FileSystemFactory.class.getName()));
      out.write(UnsteadyFileSystemFactory.class.getName().getBytes(StandardCharsets.UTF_8));
    }
  }
}
