package dev.onepass.job.options;

import dev.onepass.operators.ordering.EventTime;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/** In which order records apply, {@code order.*}. */
final class OrderReader {

  private final OptionValues values;

  OrderReader(OptionValues values) {
    this.values = values;
  }

  /** How records are put in order; null for as they arrive. */
  EventTime eventTime() {
    boolean arrival = values.of(OnepassOptions.ORDER_MODE) == OnepassOptions.Order.ARRIVAL;
    if (arrival) {
      refuseWithoutUse();
    }
    // No lateness will do where brokers stamp the records.
    Duration lateness =
        values.of(
            OnepassOptions.ORDER_LATENESS,
            time -> time.compareTo(OptionValues.LONGEST) <= 0,
            "must lie between 0 ms and %d d".formatted(OptionValues.LONGEST.toDays()));
    Duration idleness = values.time(OnepassOptions.ORDER_IDLENESS);
    Duration ahead = values.time(OnepassOptions.ORDER_AHEAD);
    return arrival ? null : new EventTime(lateness, idleness, ahead);
  }

  private void refuseWithoutUse() {
    for (ConfigOption<?> option :
        List.of(
            OnepassOptions.ORDER_LATENESS,
            OnepassOptions.ORDER_IDLENESS,
            OnepassOptions.ORDER_AHEAD)) {
      if (values.isGiven(option)) {
        values.complain(
            option.key()
                + " is for order.mode event-time alone; set order.mode event-time, or leave it out");
      }
    }
  }
}
