// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A method in several settings. For each state size it takes the setting with the smallest error on
 * past sequences, never on those that are tested.
 */
final class Tuned implements Method {
  private final String name;
  private final List<Method> settings;
  private final Optional<Past> past;
  private final ConcurrentMap<Integer, Method> chosen = new ConcurrentHashMap<>();

  /**
   * Creates a method that has not learned anything and takes the first setting.
   *
   * @param settings at least one; the first one is that of the source
   */
  Tuned(String name, List<Method> settings) {
    this(name, settings, Optional.empty());
  }

  private Tuned(String name, List<Method> settings, Optional<Past> past) {
    this.name = name;
    this.settings = List.copyOf(settings);
    this.past = past;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Method learn(Past newPast) {
    List<Method> learned = settings.stream().map(setting -> setting.learn(newPast)).toList();
    return new Tuned(name, learned, Optional.of(newPast));
  }

  /** Returns the largest number of shared bytes of any setting that was chosen. */
  @Override
  public long sharedBytes() {
    return chosen.values().stream().mapToLong(Method::sharedBytes).max().orElse(0);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    return chosen.computeIfAbsent(bytes, this::choose).begin(head, bytes, seed);
  }

  /** Returns the setting with the smallest error; the first one if the past cannot tell. */
  private Method choose(int bytes) {
    Method best = settings.get(0);
    double least = Double.POSITIVE_INFINITY;
    for (Method setting : past.isPresent() ? settings : List.<Method>of()) {
      double error = error(setting, bytes, past.get());
      if (error < least) {
        least = error;
        best = setting;
      }
    }
    return best;
  }

  /** Returns relF over all exercises; infinity if the setting does not fit or is not finite. */
  private static double error(Method setting, int bytes, Past past) {
    double differences = 0;
    double sizes = 0;
    for (Past.Exercise exercise : past.exercises()) {
      Head tokens = exercise.tokens();
      try {
        State state = setting.begin(tokens, bytes, past.seed());
        for (int j = 0; j < tokens.rows(); j++) {
          state.accept(tokens.key(j), tokens.value(j));
        }
        float[][] outputs = state.answer(exercise.queries()).outputs();
        differences += Math.pow(Errors.distance(outputs, exercise.exact()), 2);
        sizes += Math.pow(Errors.norm(exercise.exact()), 2);
      } catch (IllegalArgumentException e) {
        return Double.POSITIVE_INFINITY;
      }
    }
    double error = differences / sizes;
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
