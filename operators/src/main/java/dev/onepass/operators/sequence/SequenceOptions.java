package dev.onepass.operators.sequence;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.Sharding;
import dev.onepass.sketch.sequence.HeadSpec;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * What the sequences' operator needs to know.
 *
 * @param heads the declared heads
 * @param asOfTimeout how long a query waits for its as_of
 * @param waiting how much may wait
 * @param timeToLive a sequence without a token for so long is dropped; null keeps it for ever
 * @param anchors what concerns anchor sets
 * @param sharding which sequences are kept in several shards
 * @param cacheBytes heap of each subtask for the newest state of sequences
 * @param shadows which sequences have the true errors of their answers measured
 * @param eventTime how events are put in the order of their timestamps; null for the order in which
 *     they arrive
 */
public record SequenceOptions(
    List<HeadSpec> heads,
    Duration asOfTimeout,
    WaitingLimits waiting,
    Duration timeToLive,
    AnchorOptions anchors,
    Sharding sharding,
    long cacheBytes,
    ShadowSampling shadows,
    EventTime eventTime)
    implements Serializable {

  /** Heap of each subtask where nobody asks for another number. */
  public static final long DEFAULT_CACHE_BYTES = 64L << 20;

  /** Copies the list. */
  public SequenceOptions {
    heads = List.copyOf(heads);
  }

  /** Options of a job that takes events as they arrive. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors,
      Sharding sharding,
      long cacheBytes,
      ShadowSampling shadows) {
    this(heads, asOfTimeout, waiting, timeToLive, anchors, sharding, cacheBytes, shadows, null);
  }

  /** Options of a job with a cache of the default size and no shadows. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors,
      Sharding sharding) {
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

  /** Options of a job without sharded sequences. */
  public SequenceOptions(
      List<HeadSpec> heads,
      Duration asOfTimeout,
      WaitingLimits waiting,
      Duration timeToLive,
      AnchorOptions anchors) {
    this(heads, asOfTimeout, waiting, timeToLive, anchors, Sharding.NONE);
  }
}
