// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

/**
 * The traffic of a workload in closed form. A sequence of rate r stays on the heap until it gets no
 * token for a time t, in which as many other sequences get tokens as the cache holds: sum (1 -
 * exp(-r t)) = C (Che's approximation). A token is a hit with probability 1 - exp(-r t). With tau =
 * min(t, interval T) a sequence is written 1 - exp(-r tau) + r (T - tau) exp(-r tau) times between
 * two checkpoints: once by the checkpoint if it was touched within tau before it, and once for each
 * silence of tau.
 */
public final class Formula {
  private static final double SHORTEST = 1e-12;
  private static final double LONGEST = 1e12;
  private static final int HALVINGS = 60;

  private final Workload load;

  private Formula(Workload load) {
    this.load = load;
  }

  /** Returns the traffic of all subtasks together, assuming an even distribution. */
  public static Traffic of(Workload load) {
    return new Formula(load).traffic();
  }

  private Traffic traffic() {
    double interval = load.interval();
    double stay = stay();
    double tau = Math.min(stay, interval);
    Activity activity = load.activity();
    return new Traffic(
        activity.sum(r -> -Math.expm1(-r * interval)),
        activity.sum(r -> r * -Math.expm1(-r * stay)) / activity.tokensPerSecond(),
        activity.sum(r -> writes(r, tau)),
        activity.sum(r -> put(r, tau)));
  }

  /** Returns how many seconds a sequence without tokens stays on the heap. */
  private double stay() {
    double cached = load.cached() * load.subtasks();
    if (cached >= load.activity().sequences()) {
      return LONGEST;
    }
    double low = SHORTEST;
    double high = LONGEST;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = Math.sqrt(low * high);
      if (occupied(middle) < cached) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private double occupied(double seconds) {
    return load.activity().sum(r -> -Math.expm1(-r * seconds));
  }

  private double writes(double rate, double tau) {
    return -Math.expm1(-rate * tau) + rate * (load.interval() - tau) * Math.exp(-rate * tau);
  }

  /** Returns the bytes that the writes of a sequence put into the backend. */
  private double put(double rate, double tau) {
    double writes = writes(rate, tau);
    SequenceBytes bytes = load.bytes();
    return writes == 0 ? 0 : writes * bytes.put(rate * load.interval() / writes);
  }
}
