package dev.onepass.it;

import java.io.IOException;

/**
 * A command line that is run when this is closed, or once this JVM is gone, even if it was killed:
 * a shell waits for the end of its input.
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
