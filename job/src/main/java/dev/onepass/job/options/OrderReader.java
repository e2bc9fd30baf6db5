package dev.onepass.job.options;

import dev.onepass.operators.ordering.EventTime;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/** Reads the order in which records apply: options {@code order.*}. */
final class OrderReader {

  private final OptionValues values;

  OrderReader(OptionValues values) {
    this.values = values;
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
    Duration ahead = values.time(OnepassOptions.ORDER_AHEAD);
    return arrival ? null : new EventTime(lateness, idleness, ahead);
  }

  private void refuseUseless() {
    for (ConfigOption<?> option :
        List.of(
            OnepassOptions.ORDER_LATENESS,
            OnepassOptions.ORDER_IDLENESS,
            OnepassOptions.ORDER_AHEAD)) {
      if (values.isGiven(option)) {
        values.complain(
            option.key()
                + " applies only to order.mode event-time; set order.mode event-time, or remove it");
      }
    }
  }
}
