// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos.storage;

import java.net.URI;
import java.nio.file.Path;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/** Creates file systems for URIs that begin with {@code unsteady:}. */
public final class UnsteadyFileSystemFactory implements FileSystemFactory {

  /** The scheme of the URIs. */
  public static final String SCHEME = "unsteady";

  /** The Flink setting that names the folder of {@link Switches}. */
  public static final ConfigOption<String> SWITCHES =
      ConfigOptions.key("unsteady.switches").stringType().noDefaultValue();

  private Switches switches;

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public void configure(Configuration settings) {
    switches = new Switches(Path.of(settings.get(SWITCHES)));
  }

  @Override
  public FileSystem create(URI uri) {
    return new UnsteadyFileSystem(switches);
  }
}
