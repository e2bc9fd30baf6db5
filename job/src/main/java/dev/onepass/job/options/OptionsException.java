package dev.onepass.job.options;

import java.util.List;
import org.apache.flink.api.common.InvalidProgramException;

/**
 * What the job cannot start with: all of it, each with what to set.
 *
 * <p>Where it comes from in the code tells a user nothing, so it has no stack trace; Flink's client
 * prints an exception of this kind by its message alone.
 */
public final class OptionsException extends InvalidProgramException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one message of sentences.
   *
   * @param problems one sentence each
   */
  public OptionsException(List<String> problems) {
    super("the job does not start with these options:\n  - " + String.join("\n  - ", problems));
    setStackTrace(new StackTraceElement[0]);
  }
}
