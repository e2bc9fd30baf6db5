// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.sketch.sequence.Decay;
import java.time.Duration;

/**
 * Reads how the tokens of a head decay: options {@code decay.*} and {@code head.NAME.decay.*}. A
 * head with a half-life of its own ignores the common ones.
 */
final class DecayReader {

  static final String HALF_LIFE = OnepassOptions.DECAY_HALF_LIFE.key();
  static final String HALF_LIFE_TOKENS = OnepassOptions.DECAY_HALF_LIFE_TOKENS.key();

  private final OptionValues values;
  private final String byTime;
  private final String byTokens;

  DecayReader(OptionValues values, String head) {
    this.values = values;
    String own = OnepassOptions.HEAD + head + ".";
    boolean hasOwn = values.isGiven(own + HALF_LIFE) || values.isGiven(own + HALF_LIFE_TOKENS);
    byTime = (hasOwn ? own : "") + HALF_LIFE;
    byTokens = (hasOwn ? own : "") + HALF_LIFE_TOKENS;
  }

  /** Returns the decay. Adds problems to the values. */
  Decay decay() {
    if (values.isGiven(byTime) && values.isGiven(byTokens)) {
      values.complain(
          "%s and %s are both set, but a head decays by time or by tokens; remove one of them"
              .formatted(byTime, byTokens));
    }
    Duration time = values.orDefault(byTime, OnepassOptions.DECAY_HALF_LIFE);
    if (time != null) {
      boolean possible = time.compareTo(OptionValues.LONGEST) <= 0 && time.toMillis() >= 1;
      String range = "from 1 ms to %d d".formatted(OptionValues.LONGEST.toDays());
      return possible ? Decay.byTime(time) : refused(byTime, range);
    }
    Long tokens = values.orDefault(byTokens, OnepassOptions.DECAY_HALF_LIFE_TOKENS);
    if (tokens != null) {
      return tokens >= 1 ? Decay.byTokens(tokens) : refused(byTokens, "at least 1");
    }
    return Decay.NONE;
  }

  private Decay refused(String option, String range) {
    values.complain(
        "%s must be %s, not %s; to turn decay off, remove it"
            .formatted(option, range, Shown.text(values.given().get(option))));
    return Decay.NONE;
  }

  /** Returns the name of the option that sets the half-life of a head whose tokens decay. */
  String option() {
    return values.isGiven(byTime) ? byTime : byTokens;
  }
}
