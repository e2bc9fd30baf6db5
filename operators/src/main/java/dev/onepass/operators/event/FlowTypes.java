// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.operators.serde.FlowSerializer;
import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * The type information of all records between operators, so that Flink never falls back to Kryo.
 */
public final class FlowTypes {

  /** The type of raw records. */
  public static final TypeInformation<RawRecord> RAW_RECORD =
      new FlowType<>(RawRecord.class, RawRecordSerializer.INSTANCE);

  /** The type of keys. */
  public static final TypeInformation<SequenceKey> KEY =
      new FlowType<>(SequenceKey.class, SequenceKeySerializer.INSTANCE);

  /** The type of events. */
  public static final TypeInformation<Event> EVENT =
      new FlowType<>(Event.class, EventSerializer.INSTANCE);

  /** The type of replies. */
  public static final TypeInformation<Reply> REPLY =
      new FlowType<>(Reply.class, ReplySerializer.INSTANCE);

  /** The type of parts of answers. */
  public static final TypeInformation<Part> PART =
      new FlowType<>(Part.class, PartSerializer.INSTANCE);

  /** The type of dead letters. */
  public static final TypeInformation<DeadLetter> DEAD_LETTER =
      new FlowType<>(DeadLetter.class, DeadLetterSerializer.INSTANCE);

  /** The type of sampled vectors. */
  public static final TypeInformation<Sample> SAMPLE =
      new FlowType<>(Sample.class, SampleSerializer.INSTANCE);

  private FlowTypes() {}

  private static final class FlowType<T> extends TypeInformation<T> {
    private static final long serialVersionUID = 1L;

    private final Class<T> type;
    private final FlowSerializer<T> serializer;

    FlowType(Class<T> type, FlowSerializer<T> serializer) {
      this.type = type;
      this.serializer = serializer;
    }

    @Override
    public boolean isBasicType() {
      return false;
    }

    @Override
    public boolean isTupleType() {
      return false;
    }

    @Override
    public int getArity() {
      return 1;
    }

    @Override
    public int getTotalFields() {
      return 1;
    }

    @Override
    public Class<T> getTypeClass() {
      return type;
    }

    @Override
    public boolean isKeyType() {
      return type == SequenceKey.class;
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
      return serializer;
    }

    @Override
    public String toString() {
      return type.getSimpleName();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof FlowType<?> flow && flow.type == type;
    }

    @Override
    public int hashCode() {
      return Objects.hash(type);
    }

    @Override
    public boolean canEqual(Object other) {
      return other instanceof FlowType<?>;
    }
  }
}
