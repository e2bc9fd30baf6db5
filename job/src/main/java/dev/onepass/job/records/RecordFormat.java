package dev.onepass.job.records;

import java.util.Locale;

/** Formats of the records of tokens, queries and replies. */
public enum RecordFormat {
  /** JSON objects. */
  JSON {
    @Override
    RecordReader reader(Heads heads, int maxVectors) {
      return new JsonRecordReader(heads, maxVectors);
    }

    @Override
    ReplyWriter writer() {
      return new JsonReplyWriter();
    }
  },
  /** Messages of {@code onepass.proto}. */
  PROTOBUF {
    @Override
    RecordReader reader(Heads heads, int maxVectors) {
      return new ProtobufRecordReader(heads, maxVectors);
    }

    @Override
    ReplyWriter writer() {
      return new ProtobufReplyWriter();
    }
  };

  abstract RecordReader reader(Heads heads, int maxVectors);

  abstract ReplyWriter writer();

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
