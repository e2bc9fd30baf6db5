// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.throughput;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The minimum work of a keyed job: it reads and writes one number for each token, and answers each
 * query with as many numbers as Onepass.
 */
final class PassThroughFunction extends KeyedProcessFunction<SequenceKey, Event, Reply> {
  private static final long serialVersionUID = 1L;

  private transient ValueState<Long> count;

  @Override
  public void open(OpenContext context) {
    count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
  }

  @Override
  public void processElement(Event event, Context context, Collector<Reply> out) throws Exception {
    Long before = count.value();
    long tokens = before == null ? 0 : before;
    if (event instanceof Event.Token) {
      count.update(tokens + 1);
    } else if (event instanceof Event.Query query) {
      out.collect(
          new Reply.Answer(
              query.key(),
              query.origin(),
              query.queryId(),
              new float[query.count()][query.vectors().length / query.count()],
              new float[query.count()],
              new double[query.count()],
              new float[query.count()],
              null,
              -1,
              tokens,
              -1,
              "none",
              0,
              false,
              false,
              false,
              false));
    }
  }
}
