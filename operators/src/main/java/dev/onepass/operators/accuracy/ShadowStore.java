// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

import dev.onepass.operators.sequence.store.PendingChunk;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Sequence;
import java.util.Arrays;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Stores the shadow of the current key's sequence: all its tokens and retractions, in states apart
 * from those of the sequence. Each element of the list is one token, with the layout of pending
 * tokens.
 */
public final class ShadowStore {

  /** Returns the name and format of the progress. */
  public static ValueStateDescriptor<ShadowProgress> progressState() {
    return new ValueStateDescriptor<>("shadow", ShadowProgressSerializer.INSTANCE);
  }

  /** Returns the name and format of the tokens. */
  public static ListStateDescriptor<byte[]> tokensState() {
    return new ListStateDescriptor<>("shadow-tokens", BytePrimitiveArraySerializer.INSTANCE);
  }

  private final ValueState<ShadowProgress> progress;
  private final ListState<byte[]> tokens;

  /** Opens the states of a keyed function. */
  public ShadowStore(RuntimeContext context) {
    progress = context.getState(progressState());
    tokens = context.getListState(tokensState());
  }

  /** Returns the tokens that the shadow has seen, or null if there is no shadow. */
  public ShadowProgress progress() {
    try {
      return progress.value();
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot read a shadow", e);
    }
  }

  /**
   * Appends one entry.
   *
   * @param token the token, or its retraction
   * @param now the progress with this entry
   */
  public void append(Token token, ShadowProgress now) {
    TokenBlock entry = new TokenBlock(token.key().length, token.value().length, 1);
    entry.append(token);
    try {
      tokens.add(PendingChunk.of(entry, 0, 1));
      progress.update(now);
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write a shadow", e);
    }
  }

  /**
   * Returns all entries in the order of their arrival. A retraction without a time has taken back
   * the newest such token; neither is among them.
   */
  public TokenBlock tokens(int keyDim, int valueDim) {
    TokenBlock block = new TokenBlock(keyDim, valueDim, 1);
    try {
      for (byte[] chunk : tokens.get()) {
        PendingChunk.appendTo(block, chunk);
      }
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot read a shadow", e);
    }
    return settled(block);
  }

  private static TokenBlock settled(TokenBlock entries) {
    if (Arrays.stream(entries.times(), 0, entries.count()).allMatch(time -> time >= 0)) {
      return entries;
    }
    int d = entries.keyDim();
    int dv = entries.valueDim();
    TokenBlock settled = new TokenBlock(d, dv, entries.count());
    for (int j = 0; j < entries.count(); j++) {
      if (entries.times()[j] == Sequence.NO_TIME) {
        settled.removeNewest(
            Arrays.copyOfRange(entries.keys(), j * d, (j + 1) * d),
            Arrays.copyOfRange(entries.values(), j * dv, (j + 1) * dv),
            entries.biases()[j]);
      } else {
        settled.append(entries, j);
      }
    }
    return settled;
  }

  /** Drops the shadow. */
  public void clear() {
    progress.clear();
    tokens.clear();
  }
}
