// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The cells, traffic and times of a campaign.
 *
 * @param steady undisturbed time before each disturbance and after each recovery
 * @param settings Flink settings in addition to those of every campaign
 */
record Plan(List<Cell> cells, Load.Rates rates, Duration steady, Map<String, String> settings) {

  /** Flink's defaults, for the whole campaign. The other tests and the short run use less. */
  private static final Map<String, String> HEARTBEATS =
      Map.of("heartbeat.interval", "10s", "heartbeat.timeout", "50s");

  /** The cells of an ordinary build: one for each delivery guarantee. */
  private static final List<Cell> SHORT =
      List.of(
          new Cell(Disturbance.TASK_MANAGER_KILLED, Mode.EXACTLY_ONCE),
          new Cell(Disturbance.BROKER_KILLED, Mode.AT_LEAST_ONCE));

  /**
   * Reads a plan from the system properties that begin with {@code chaos}.
   *
   * @throws IllegalArgumentException if a property has an unknown value; the message lists the
   *     known ones
   */
  static Plan fromSystemProperties() {
    String chosen = System.getProperty("chaos");
    boolean brief = chosen == null;
    return new Plan(
        brief ? SHORT : cells(chosen, System.getProperty("chaos.modes", "all")),
        new Load.Rates(
            Integer.getInteger("chaos.tokens-per-second", 200),
            Integer.getInteger("chaos.queries-per-second", 20)),
        Duration.ofSeconds(Integer.getInteger("chaos.seconds", brief ? 2 : 10)),
        brief ? Map.of() : HEARTBEATS);
  }

  static List<Cell> cells(String disturbances, String modes) {
    List<Cell> cells = new ArrayList<>();
    for (Disturbance disturbance : chosen("chaos", Disturbance.values(), disturbances)) {
      for (Mode mode : chosen("chaos.modes", Mode.values(), modes)) {
        cells.add(new Cell(disturbance, mode));
      }
    }
    return cells;
  }

  private static <T> List<T> chosen(String property, T[] all, String names) {
    if (names.equals("all")) {
      return List.of(all);
    }
    List<T> chosen = new ArrayList<>();
    for (String name : names.split(",")) {
      chosen.add(
          Arrays.stream(all)
              .filter(one -> optionOf(one).equals(name.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "%s: unknown value '%s'; use 'all', or a comma-separated list of %s"
                              .formatted(
                                  property,
                                  name.strip(),
                                  Arrays.stream(all).map(Plan::optionOf).toList()))));
    }
    return chosen;
  }

  private static String optionOf(Object one) {
    return one instanceof Disturbance disturbance ? disturbance.option() : one.toString();
  }

  /** Returns the approximate duration of a cell. */
  Duration timeFor(Cell cell) {
    return cell.disturbance().length().plus(steady.multipliedBy(2)).plusSeconds(45);
  }
}
