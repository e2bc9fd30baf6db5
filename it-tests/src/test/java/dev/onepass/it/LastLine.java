// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.io.IOException;

/**
 * A command that runs when this object is closed or when this JVM ends, even if the JVM is killed.
 * A shell waits for the end of its input and then runs the command.
 */
final class LastLine implements AutoCloseable {

  private final Process shell;

  LastLine(String line) throws IOException {
    shell =
        new ProcessBuilder("sh", "-c", "trap '' HUP INT TERM; read -r end; " + line)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    shell.getOutputStream().close();
    shell.waitFor();
  }
}
