// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.protobuf;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.FloatBuffer;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.job.format.fields.VectorBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the fields of a Protobuf message one after the other. Refuses a field that occurs twice:
 * Protobuf would take the last one, and the second half of a vector would be ambiguous.
 */
public final class ProtobufMessage {
  private final byte[] bytes;
  private final int from;
  private final CodedInputStream in;
  private int tag;
  private long seen;

  /**
   * @param bytes the message
   */
  public ProtobufMessage(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtobufMessage(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.from = from;
    in = CodedInputStream.newInstance(bytes, from, length);
  }

  /**
   * Moves to the next field, whose value must then be read or skipped.
   *
   * @return false at the end of the message
   */
  public boolean next() throws IOException {
    tag = in.readTag();
    return tag != 0;
  }

  /** Returns the number of the field. */
  public int field() {
    return WireFormat.getTagFieldNumber(tag);
  }

  /** Skips the value of the field. */
  public void skip() throws IOException {
    in.skipField(tag);
  }

  /** Reads a varint. */
  long number(String name) throws IOException, BadRecordException {
    begin(name, WireFormat.WIRETYPE_VARINT, "not a whole number");
    return in.readInt64();
  }

  /** Reads a varint of at least 0. */
  long count(String name) throws IOException, BadRecordException {
    long number = number(name);
    RecordReader.require(number >= 0, name + ": not a whole number from 0 to 2^63 - 1");
    return number;
  }

  /** Reads a float. */
  float real(String name) throws IOException, BadRecordException {
    begin(name, WireFormat.WIRETYPE_FIXED32, "not a float");
    return in.readFloat();
  }

  /** Reads a string. */
  public String text(String name) throws IOException, BadRecordException {
    begin(name, WireFormat.WIRETYPE_LENGTH_DELIMITED, "not a string");
    return in.readStringRequireUtf8();
  }

  /** Reads packed floats and adds them to the buffer. */
  void vector(String name, FloatBuffer into) throws IOException, BadRecordException {
    begin(name, WireFormat.WIRETYPE_LENGTH_DELIMITED, "not packed floats");
    int length = in.readRawVarint32();
    int begin = from + in.getTotalBytesRead();
    in.skipRawBytes(length);
    RecordReader.require(length % Float.BYTES == 0, name + ": not packed floats");
    int bad = into.addFinite(ByteBuffer.wrap(bytes, begin, length).order(ByteOrder.LITTLE_ENDIAN));
    RecordReader.require(bad < 0, name + "[" + bad + "]: not a finite float");
  }

  /** Reads packed whole numbers and adds them to the indices of a vector. */
  void indices(String name, VectorBuffer into) throws IOException, BadRecordException {
    begin(name, WireFormat.WIRETYPE_LENGTH_DELIMITED, "not packed whole numbers");
    int outer = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      into.addIndex(name, in.readInt64());
    }
    in.popLimit(outer);
  }

  /** Reads a message that may occur only once. */
  ProtobufMessage onlyMessage(String name) throws IOException, BadRecordException {
    once(name);
    return message(name);
  }

  /** Reads a message that may occur several times. */
  ProtobufMessage message(String name) throws IOException, BadRecordException {
    expect(name, WireFormat.WIRETYPE_LENGTH_DELIMITED, "not a message");
    int length = in.readRawVarint32();
    int begin = from + in.getTotalBytesRead();
    in.skipRawBytes(length);
    return new ProtobufMessage(bytes, begin, length);
  }

  private void begin(String name, int wireType, String otherwise) throws BadRecordException {
    once(name);
    expect(name, wireType, otherwise);
  }

  private void expect(String name, int wireType, String otherwise) throws BadRecordException {
    if (WireFormat.getTagWireType(tag) != wireType) {
      throw new BadRecordException(name + ": " + otherwise);
    }
  }

  private void once(String name) throws BadRecordException {
    long bit = 1L << field();
    if ((seen & bit) != 0) {
      throw new BadRecordException(name + ": duplicate field");
    }
    seen |= bit;
  }
}
