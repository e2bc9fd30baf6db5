// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format;

import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.job.format.fields.ReplyWriter;
import dev.onepass.job.format.json.JsonRecordReader;
import dev.onepass.job.format.json.JsonReplyWriter;
import dev.onepass.job.format.protobuf.ProtobufRecordReader;
import dev.onepass.job.format.protobuf.ProtobufReplyWriter;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import java.util.Locale;

/** The formats of tokens, queries and replies. */
@PublicEvolving
public enum RecordFormat {
  /** JSON objects. */
  JSON {
    @Override
    public RecordReader reader(Heads heads, int maxVectors) {
      return new JsonRecordReader(heads, maxVectors);
    }

    @Override
    public ReplyWriter writer() {
      return new JsonReplyWriter();
    }
  },
  /** Messages of {@code onepass.proto}. */
  PROTOBUF {
    @Override
    public RecordReader reader(Heads heads, int maxVectors) {
      return new ProtobufRecordReader(heads, maxVectors);
    }

    @Override
    public ReplyWriter writer() {
      return new ProtobufReplyWriter();
    }
  };

  /**
   * Creates a reader of tokens and queries.
   *
   * @param heads declared heads
   * @param maxVectors maximum number of query vectors in one query
   */
  @Internal
  public abstract RecordReader reader(Heads heads, int maxVectors);

  /** Creates a writer of replies. */
  @Internal
  public abstract ReplyWriter writer();

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
