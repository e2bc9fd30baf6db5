// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares replies with those of the job that ran without a stop. */
final class Replies {

  private static final double TOLERANCE = 1e-6;

  /** Outside exact mode it matters which tokens are still pending, and so does the cut size. */
  private static final double TOLERANCE_OF_NEW = 0.1;

  /** It depends on the topics, which are others now. */
  private static final String INCOMPLETE = "incomplete";

  /** Another build may state other errors of the same state. */
  private static final Set<String> STATED = Set.of("error", "log_normalizer_error");

  /** This depends on the layout with which a sequence began. */
  private static final Set<String> LAYOUT = Set.of("state_bytes");

  private Replies() {}

  /**
   * Checks that the replies are the same but for stated errors, all numbers to 1e-6 of the largest
   * one next to them. Sequences that began after the restoration have the layout of the present
   * build, so their bytes may be others, and their answers outside exact mode are close only.
   *
   * @param incomplete ids of the sequences that began before; their replies must say that tokens
   *     may be missing
   */
  static void assertSame(List<JsonNode> actual, List<JsonNode> expected, List<String> incomplete) {
    Map<String, JsonNode> byQuery = byQuery(expected);
    Map<String, JsonNode> actualByQuery = byQuery(actual);
    assertThat(actualByQuery.keySet()).isEqualTo(byQuery.keySet());
    assertThat(actual).hasSameSizeAs(expected);
    byQuery.forEach(
        (query, reply) -> {
          JsonNode now = without(STATED, actualByQuery.get(query));
          JsonNode then = without(STATED, reply);
          boolean isOld = incomplete.contains(reply.get("sequence").textValue());
          if (isOld) {
            assertSame(query, now, then, TOLERANCE, 1);
          } else {
            boolean isExact = reply.path("exact").booleanValue();
            assertSame(
                query,
                without(LAYOUT, now),
                without(LAYOUT, then),
                isExact ? TOLERANCE : TOLERANCE_OF_NEW,
                1);
          }
          assertStated(query, actualByQuery.get(query), reply);
          if (!now.has("columns")) {
            assertThat(now.path(INCOMPLETE).booleanValue())
                .as("%s: incomplete", query)
                .isEqualTo(isOld);
          }
        });
  }

  /** Checks that what stated an error still states one, and that exact answers still state 0. */
  private static void assertStated(String query, JsonNode actual, JsonNode expected) {
    for (String name : STATED) {
      JsonNode now = actual.path(name);
      JsonNode then = expected.path(name);
      assertThat(now.size()).as("%s, %s", query, name).isEqualTo(then.size());
      for (int i = 0; i < then.size(); i++) {
        if (then.get(i).isNumber()) {
          assertThat(now.get(i).isNumber()).as("%s states its %s", query, name).isTrue();
          assertThat(now.get(i).doubleValue() == 0)
              .as("%s, %s of 0", query, name)
              .isEqualTo(then.get(i).doubleValue() == 0);
        }
      }
    }
  }

  private static Map<String, JsonNode> byQuery(List<JsonNode> replies) {
    Map<String, JsonNode> byQuery = new TreeMap<>();
    for (JsonNode reply : replies) {
      byQuery.put(
          "head %s, sequence %s, query %s"
              .formatted(
                  reply.get("head").textValue(),
                  reply.get("sequence").textValue(),
                  reply.get("query_id").textValue()),
          reply);
    }
    return byQuery;
  }

  private static JsonNode without(Set<String> fields, JsonNode reply) {
    return ((ObjectNode) reply.deepCopy()).remove(fields);
  }

  private static void assertSame(
      String place, JsonNode actual, JsonNode expected, double tolerance, double scale) {
    if (expected.isObject() && actual.isObject()) {
      assertThat(names(actual)).as(place).isEqualTo(names(expected));
      for (String name : names(expected)) {
        assertSame(place + ", " + name, actual.get(name), expected.get(name), tolerance, scale);
      }
    } else if (expected.isArray() && actual.isArray()) {
      assertThat(actual.size()).as(place).isEqualTo(expected.size());
      double largest = 0;
      for (JsonNode number : expected) {
        largest = Math.max(largest, Math.abs(number.asDouble(0)));
      }
      for (int i = 0; i < expected.size(); i++) {
        assertSame(place + "[" + i + "]", actual.get(i), expected.get(i), tolerance, largest);
      }
    } else if (expected.isFloatingPointNumber()) {
      assertThat(actual.isNumber()).as("%s is a number: %s", place, actual).isTrue();
      assertThat(actual.doubleValue())
          .as(place)
          .isCloseTo(expected.doubleValue(), within(tolerance * scale));
    } else {
      assertThat(actual).as(place).isEqualTo(expected);
    }
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    names.remove(INCOMPLETE);
    return names;
  }
}
