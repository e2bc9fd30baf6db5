// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorSetSamples;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Options with sizes that are small enough to reach every limit with a few tokens. */
public final class TestOptions {

  /** Head that changes to polynomial sums after {@link #EXACT_TOKENS} tokens. */
  public static final String FOLDING = "folding";

  /** Head whose answers state their error; exact up to 212 tokens. */
  public static final String STATING = "stating";

  /** Head that keeps whole tokens, at most {@link #ROOM} of them. */
  public static final String WHOLE = "whole";

  public static final int STATE_SIZE = 2048;
  public static final int CUT = 8;
  public static final int EXACT_TOKENS = 50;
  public static final int ROOM = 13;
  public static final Duration TIMEOUT = Duration.ofSeconds(10);
  public static final int MAX_WAITING = 3;
  public static final Duration TIME_TO_LIVE = Duration.ofSeconds(60);

  private TestOptions() {}

  public static HeadSpec folding() {
    return head(FOLDING, STATE_SIZE, CUT, PolynomialFamily.INSTANCE);
  }

  public static HeadSpec stating() {
    return head(STATING, 8192, CUT, AnchoredFamily.ANCHORS);
  }

  /** The anchor set of the head that states errors. */
  public static AnchorOptions anchors() {
    byte[] set = AnchorSetSamples.set(1, 1).toByteArray();
    return new AnchorOptions(
        List.of(StoredAnchorSet.of(STATING, 1, set)), 8, false, 16, Duration.ofMinutes(1));
  }

  public static HeadSpec whole() {
    return head(WHOLE, 624, 0, ExactFamily.INSTANCE);
  }

  public static HeadSpec head(String name, int stateSize, int cut, SketchFamily family) {
    return new HeadSpec(
        name,
        TokenStream.KEY_DIM,
        TokenStream.VALUE_DIM,
        TokenStream.SCALE,
        stateSize,
        cut,
        family,
        7,
        Map.of());
  }

  public static SequenceOptions immortal() {
    return of(null, folding(), whole());
  }

  /** Returns options without expiry, with a cache of this size. */
  public static SequenceOptions cached(long cacheBytes) {
    return new SequenceOptions(
        List.of(folding()),
        TIMEOUT,
        WaitingLimits.ofQueries(MAX_WAITING),
        null,
        AnchorOptions.FROM_THE_TOPIC,
        ShardOptions.NONE,
        cacheBytes,
        ShadowSampling.OFF);
  }

  /** Returns options with expiry and shadows. */
  public static SequenceOptions shadowed(ShadowSampling shadows) {
    return new SequenceOptions(
        List.of(folding(), stating()),
        TIMEOUT,
        WaitingLimits.ofQueries(MAX_WAITING),
        TIME_TO_LIVE,
        anchors(),
        ShardOptions.NONE,
        SequenceOptions.DEFAULT_CACHE_BYTES,
        shadows);
  }

  public static SequenceOptions mortal() {
    return of(TIME_TO_LIVE, folding(), whole());
  }

  /** Returns options with expiry and event time; null for the order of arrival. */
  public static SequenceOptions ordered(EventTime eventTime) {
    return new SequenceOptions(
        List.of(folding(), whole()),
        TIMEOUT,
        WaitingLimits.ofQueries(MAX_WAITING),
        TIME_TO_LIVE,
        AnchorOptions.FROM_THE_TOPIC,
        ShardOptions.NONE,
        SequenceOptions.DEFAULT_CACHE_BYTES,
        ShadowSampling.OFF,
        eventTime);
  }

  public static SequenceOptions of(Duration timeToLive, HeadSpec... heads) {
    return of(timeToLive, AnchorOptions.FROM_THE_TOPIC, heads);
  }

  public static SequenceOptions of(Duration timeToLive, AnchorOptions anchors, HeadSpec... heads) {
    return new SequenceOptions(
        List.of(heads), TIMEOUT, WaitingLimits.ofQueries(MAX_WAITING), timeToLive, anchors);
  }
}
