// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.List;
import org.apache.flink.api.common.InvalidProgramException;

/**
 * Lists everything that the job cannot start with, and what to set.
 *
 * <p>It has no stack trace, which would tell a user nothing. Flink's client prints only the message
 * of an exception of this kind.
 */
public final class OptionsException extends InvalidProgramException {
  private static final long serialVersionUID = 1L;

  /**
   * Joins the problems to one message.
   *
   * @param problems one sentence each
   */
  public OptionsException(List<String> problems) {
    super("The job cannot start with these options:\n  - " + String.join("\n  - ", problems));
    setStackTrace(new StackTraceElement[0]);
  }
}
