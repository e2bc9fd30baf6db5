// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.metrics.OnepassMetrics;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Sequence;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Routes the events of sharded sequences: a token goes to the shard of its position, all other
 * events go to all shards. Events of other sequences pass unchanged. The function is chained to the
 * decoders.
 *
 * <p>"All shards" includes every shard that the sequence has had under any options of the job, so
 * that tokens are found after the options change. {@link ShardHistory} stores their number.
 */
public final class RouteFunction extends ProcessFunction<Event, Event>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  private static final String POSITION_REQUIRED =
      "position required: shards.sequences names this sequence, and the position of a token determines its shard";
  private static final String NO_RECOVERY =
      "recover: not available for this sequence, because shards.sequences names it and shards do not remember queries";

  /** How often within a time to live the shards are told that their sequence is alive. */
  public static final int ALIVE_PER_LIFE = 4;

  /** Heap for the times of these messages: some 90 000 sequences with ids of 36 bytes. */
  private static final long LAST_ALIVE_BYTES = 24L << 20;

  private final ShardOptions sharding;
  private final HashMap<String, Integer> blocks = new HashMap<>();
  private final long aliveMillis;

  private transient ShardHistory history;
  private transient Shards shards;
  private transient RecentSequences<Long> lastAlive;
  private transient Counter refused;

  /**
   * Creates the router of a job.
   *
   * @param heads declared heads
   * @param sharding the sharded sequences and their number of shards
   * @param timeToLive how long a sequence lives without a token; null if sequences do not expire
   */
  public RouteFunction(List<HeadSpec> heads, ShardOptions sharding, Duration timeToLive) {
    this.sharding = sharding;
    for (HeadSpec head : heads) {
      blocks.put(head.name(), head.shardBlock());
    }
    aliveMillis = timeToLive == null ? 0 : timeToLive.toMillis() / ALIVE_PER_LIFE;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    history = new ShardHistory(context, sharding);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    // ShardHistory writes its state when it is created.
  }

  @Override
  public void open(OpenContext context) {
    shards = new Shards();
    lastAlive = new RecentSequences<>(LAST_ALIVE_BYTES, Long.BYTES + 16);
    refused = OnepassMetrics.refused(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Event event, Context context, Collector<Event> out) {
    int all = history.of(event.key().sequence());
    if (all == 1) {
      out.collect(event);
    } else if (event instanceof Event.Token token) {
      route(token, all, context, out);
    } else if (event instanceof Event.Query query) {
      Event.Spread spread = new Event.Spread(all, query.asOf());
      for (int shard = 0; shard < all; shard++) {
        out.collect(
            new Event.Query(
                shards.key(query.key(), shard),
                query.origin(),
                query.queryId(),
                query.vectors(),
                query.count(),
                query.asOf(),
                spread));
      }
    } else if (event instanceof Event.StatsQuery query) {
      Event.Spread spread = new Event.Spread(all, 0);
      for (int shard = 0; shard < all; shard++) {
        out.collect(
            new Event.StatsQuery(
                shards.key(query.key(), shard), query.origin(), query.queryId(), spread));
      }
    } else if (event instanceof Event.Forget forget) {
      for (int shard = 0; shard < all; shard++) {
        out.collect(new Event.Forget(shards.key(forget.key(), shard), forget.origin()));
      }
      lastAlive.remove(forget.key());
    } else {
      refuse(event, NO_RECOVERY, context);
    }
  }

  private void route(Event.Token token, int all, Context context, Collector<Event> out) {
    int count = sharding.of(token.key().sequence());
    if (count > 1 && token.position() == Sequence.NO_POSITION) {
      refuse(token, POSITION_REQUIRED, context);
      return;
    }
    int shard = count == 1 ? 0 : Shards.of(token.position(), blocks.get(token.key().head()), count);
    out.collect(token.withKey(shards.key(token.key(), shard)));
    if (aliveMillis > 0) {
      keepOthersAlive(token, shard, all, context.timerService().currentProcessingTime(), out);
    }
  }

  private void keepOthersAlive(
      Event.Token token, int shard, int all, long now, Collector<Event> out) {
    Long last = lastAlive.get(token.key());
    if (last != null && now - last < aliveMillis) {
      return;
    }
    lastAlive.put(token.key(), now);
    for (int other = 0; other < all; other++) {
      if (other != shard) {
        out.collect(new Event.Alive(shards.key(token.key(), other), token.origin()));
      }
    }
  }

  private void refuse(Event event, String reason, Context context) {
    refused.inc();
    context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(event.origin(), reason));
  }
}
