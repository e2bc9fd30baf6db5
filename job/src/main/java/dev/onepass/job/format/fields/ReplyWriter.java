package dev.onepass.job.format.fields;

import dev.onepass.operators.event.Reply;

/** Writes replies in one format. Not thread-safe. */
public interface ReplyWriter {

  /** The value of the record that goes to the outputs topic. */
  byte[] write(Reply reply);
}
