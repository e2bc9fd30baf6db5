package dev.onepass.job.options;

import java.util.List;

/** Options that the job cannot start with: all of them, each with what to set. */
public final class OptionsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * @param problems one sentence each
   */
  public OptionsException(List<String> problems) {
    super("the job does not start with these options:\n  - " + String.join("\n  - ", problems));
  }
}
