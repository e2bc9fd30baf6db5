// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.operators.ordering.EventTime;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.util.TimeUtils;

/** Reads the order in which records apply: options {@code order.*}. */
final class OrderReader {

  /** Default of {@code transaction.timeout.ms} of Kafka's producers. */
  private static final Duration USUAL_TRANSACTION = Duration.ofMinutes(1);

  private final OptionValues values;
  private final boolean decaysByTime;

  OrderReader(OptionValues values, List<HeadSpec> heads) {
    this.values = values;
    decaysByTime =
        heads.stream().map(HeadSpec::decay).anyMatch(decay -> decay.isOn() && !decay.byTokens());
  }

  /** Returns how far timestamps may be ahead of the clock. */
  Duration ahead() {
    return values.time(OnepassOptions.ORDER_AHEAD);
  }

  /** Returns the settings of event-time order, or null if records apply as they arrive. */
  EventTime eventTime() {
    boolean arrival = values.of(OnepassOptions.ORDER_MODE) == OnepassOptions.Order.ARRIVAL;
    if (arrival) {
      refuseUseless();
    }
    // A lateness of 0 is right if the brokers set the timestamps.
    Duration lateness =
        values.of(
            OnepassOptions.ORDER_LATENESS,
            time -> time.compareTo(OptionValues.LONGEST) <= 0,
            "must be from 0 ms to %d d".formatted(OptionValues.LONGEST.toDays()));
    Duration idleness = values.time(OnepassOptions.ORDER_IDLENESS);
    if (!arrival && idleness.compareTo(USUAL_TRANSACTION) < 0) {
      values.warn(
          "order.idleness is %s, but an open transaction of a producer may hide its partition's records for longer: for 60 s, unless the producer sets transaction.timeout.ms. The partition then seems idle, and its records are late. Set order.idleness above the longest transaction.timeout.ms of your producers, unless none of them writes in transactions."
              .formatted(TimeUtils.formatWithHighestUnit(idleness)));
    }
    return arrival ? null : new EventTime(lateness, idleness, ahead());
  }

  private void refuseUseless() {
    for (ConfigOption<?> option :
        List.of(OnepassOptions.ORDER_LATENESS, OnepassOptions.ORDER_IDLENESS)) {
      if (values.isGiven(option)) {
        values.complain(
            option.key()
                + " applies only to order.mode event-time; set order.mode event-time, or remove it");
      }
    }
    if (values.isGiven(OnepassOptions.ORDER_AHEAD) && !decaysByTime) {
      values.complain(
          "order.ahead applies only to order.mode event-time and to decay.half-life; set one of them, or remove it");
    }
  }
}
