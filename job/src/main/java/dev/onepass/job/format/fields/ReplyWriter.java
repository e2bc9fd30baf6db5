// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import dev.onepass.operators.event.Reply;

/** Writes replies of one format. Not thread-safe. */
public interface ReplyWriter {

  /** Returns the value of the record for the outputs topic. */
  byte[] write(Reply reply);
}
