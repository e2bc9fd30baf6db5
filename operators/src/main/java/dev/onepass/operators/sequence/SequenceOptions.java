// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.ordering.Timestamps;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.sequence.HeadSpec;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * Settings of {@link SequencesOperator}.
 *
 * @param heads the declared heads
 * @param asOfTimeout how long a query waits for its as_of
 * @param waiting bounds on waiting events
 * @param timeToLive a sequence that receives no token for this time is dropped; null to keep it for
 *     ever
 * @param anchors settings of anchor sets
 * @param sharding which sequences are kept in several shards
 * @param cacheBytes bytes of heap in each subtask for the newest state of sequences
 * @param shadows sequences whose true errors are measured
 * @param eventTime how events are put in the order of their timestamps; null to take them in the
 *     order of their arrival
 * @param ahead how far timestamps may be ahead of the worker's clock where tokens decay by time, at
 *     least 0, in either order
 */
public record SequenceOptions(
    List<HeadSpec> heads,
    Duration asOfTimeout,
    WaitingLimits waiting,
    Duration timeToLive,
    AnchorOptions anchors,
    ShardOptions sharding,
    long cacheBytes,
    ShadowSampling shadows,
    EventTime eventTime,
    Duration ahead)
    implements Serializable {

  /** Default of {@code cacheBytes}. */
  public static final long DEFAULT_CACHE_BYTES = 64L << 20;

  /** Copies the list of heads. */
  public SequenceOptions {
    heads = List.copyOf(heads);
  }

  /** Creates settings with the default bound on timestamps. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors,
      ShardOptions sharding,
      long cacheBytes,
      ShadowSampling shadows,
      EventTime eventTime) {
    this(
        heads,
        asOfTimeout,
        waiting,
        timeToLive,
        anchors,
        sharding,
        cacheBytes,
        shadows,
        eventTime,
        eventTime == null ? Timestamps.DEFAULT_AHEAD : eventTime.ahead());
  }

  /** Creates settings of a job that takes events in the order of their arrival. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors,
      ShardOptions sharding,
      long cacheBytes,
      ShadowSampling shadows) {
    this(heads, asOfTimeout, waiting, timeToLive, anchors, sharding, cacheBytes, shadows, null);
  }

  /** Creates settings with a cache of the default size and no shadows. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors,
      ShardOptions sharding) {
    this(
        heads,
        asOfTimeout,
        waiting,
        timeToLive,
        anchors,
        sharding,
        DEFAULT_CACHE_BYTES,
        ShadowSampling.OFF);
  }

  /** Creates settings without sharded sequences. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors) {
    this(heads, asOfTimeout, waiting, timeToLive, anchors, ShardOptions.NONE);
  }
}
