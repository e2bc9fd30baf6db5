package dev.onepass.job.records;

import dev.onepass.operators.event.Reply;

/** Writes replies in one format. Not thread-safe. */
interface ReplyWriter {

  /** The value of the record that goes to the outputs topic. */
  byte[] write(Reply reply);
}
