// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.recommender;

import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.ratings.Events;
import dev.onepass.datasets.ratings.ItemFactors;
import dev.onepass.datasets.ratings.RatingsFile;
import dev.onepass.datasets.recommender.EventFleet;
import dev.onepass.datasets.recommender.GeneratedUsers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for fleets of users, of real or of generated events. */
final class FleetOptions {

  /** Standard deviation of the noise in each coordinate of values that do not follow from keys. */
  private static final double NOISE = 0.1;

  /** Added to the seed for the second decomposition. */
  private static final int SECOND = 1;

  /** Bytes of a row for each dimension: float32 in query, key and value. */
  private static final long ROW_BYTES = 3L * Float.BYTES;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--ratings",
      paramLabel = "FILE",
      description =
          "Makes a fleet of the events in a file: comma-separated values under the header "
              + "userId,movieId,rating,timestamp, or lines user::item::rating::time.")
  private Path ratings;

  @Option(
      names = "--min-events",
      paramLabel = "N",
      defaultValue = "50",
      description =
          "With --ratings: users with fewer events are left out of the fleet. Their events still "
              + "count in the vectors of items (default: ${DEFAULT-VALUE}).")
  private int minEvents;

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "Generates a fleet of N users, of 64 to 100 000 events each.")
  private Integer users;

  @Option(
      names = "--items",
      paramLabel = "N",
      defaultValue = "20000",
      description = "With --users: number of items (default: ${DEFAULT-VALUE}).")
  private int items;

  @Option(
      names = "--dim",
      paramLabel = "N",
      defaultValue = "32",
      description = "Of a fleet: length of queries, keys and values (default: ${DEFAULT-VALUE}).")
  private int dim;

  @Option(
      names = "--beta",
      paramLabel = "X",
      defaultValue = "8",
      description =
          "Of a fleet: the length of queries; that of keys is 1, so the largest logit "
              + "(default: ${DEFAULT-VALUE}).")
  private double beta;

  @Option(
      names = "--own-values",
      description =
          "Of a fleet: values get vectors of items from a second decomposition, that of the "
              + "ratings, and noise, so that they do not follow from keys.")
  private boolean ownValues;

  /** Returns whether the command line asks for a fleet. */
  boolean given() {
    return ratings != null || users != null;
  }

  /** Returns the name of a fleet that has none. */
  String defaultName() {
    return ratings != null ? "RATINGS" : "USERS";
  }

  /**
   * Refuses options that exclude each other, and numbers out of their range.
   *
   * @param ofStream options that only a stream without users has
   */
  void check(List<String> ofStream) {
    require(
        ratings == null || users == null,
        "--ratings and --users exclude each other: events are either read or generated");
    if (given()) {
      ofStream.forEach(option -> require(!has(option), option + " is for a stream without users"));
    } else {
      List.of("--dim", "--beta", "--own-values")
          .forEach(option -> require(!has(option), option + " needs --ratings or --users"));
    }
    require(ratings != null || !has("--min-events"), "--min-events needs --ratings");
    require(users != null || !has("--items"), "--items needs --users");
    require(users == null || users >= 2, "--users must be at least 2, not " + users);
    require(minEvents >= 1, "--min-events must be at least 1, not " + minEvents);
    require(dim >= 1, "--dim must be at least 1, not " + dim);
    require(items >= dim, "--items must be at least --dim, " + dim + ", not " + items);
    require(beta > 0, "--beta must be above 0, not " + beta);
  }

  private boolean has(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  private void require(boolean fits, String otherwise) {
    if (!fits) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  /** Reads or generates the events and makes the fleet. */
  Fleet fleet(String name, long seed) throws IOException {
    return ratings != null ? read(name, seed) : generated(name, seed);
  }

  private Fleet read(String name, long seed) throws IOException {
    Events all = RatingsFile.read(ratings);
    if (all.itemCount() < dim) {
      throw new IOException(
          "%s has %d items, fewer than --dim, %d".formatted(ratings, all.itemCount(), dim));
    }
    double middle = all.middle();
    if (IntStream.range(0, all.count()).allMatch(e -> all.ratings()[e] == middle)) {
      throw new IOException(
          "all ratings in %s are %s, so all values would be 0".formatted(ratings, middle));
    }
    Events fleet = all.ofUsersWith(minEvents);
    if (fleet.count() == 0) {
      throw new IOException(
          "no user in %s has %d events; lower --min-events".formatted(ratings, minEvents));
    }
    requireMemory(fleet);
    return rows(name, all, fleet, ItemFactors.byUsers(all, dim, seed), seed);
  }

  private Fleet generated(String name, long seed) throws IOException {
    GeneratedUsers generated = new GeneratedUsers(users, items, dim, seed);
    Events events = generated.events();
    requireMemory(events);
    return rows(name, events, events, generated.itemVectors(), seed);
  }

  private Fleet rows(String name, Events all, Events fleet, float[][] keys, long seed) {
    float[][] values = ownValues ? ItemFactors.byRatings(all, dim, seed + SECOND) : keys;
    double noise = ownValues ? NOISE : 0;
    return new EventFleet(fleet, all.middle(), keys, values, noise, beta).rows(name, seed);
  }

  private void requireMemory(Events events) throws IOException {
    long bytes = ROW_BYTES * dim * events.count();
    if (bytes > Runtime.getRuntime().maxMemory()
        || (long) dim * events.count() > Integer.MAX_VALUE) {
      throw new IOException(
          ("the fleet has %d rows, whose vectors take %d MiB; use a smaller --dim or fewer users,"
                  + " or run java with more memory (-Xmx)")
              .formatted(events.count(), bytes >> 20));
    }
  }
}
