// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads which sequences are sharded: options {@code shards.*}. */
final class ShardsReader {

  /** Maximum length of a record key. */
  private static final int MAX_ID_BYTES = 1024;

  /** Each router keeps the number of shards of each named sequence. */
  private static final int MOST_NAMED = 10_000;

  private final OptionValues values;

  ShardsReader(OptionValues values) {
    this.values = values;
  }

  /** Returns the sharding. Adds problems to the values. */
  ShardOptions sharding(List<HeadSpec> heads) {
    int count =
        values.of(
            OnepassOptions.SHARDS_COUNT,
            ShardOptions::isCount,
            "must be a power of two from 1 to " + ShardOptions.MAX_COUNT);
    Set<String> sequences = sequences();
    boolean countIsGiven = values.isGiven(OnepassOptions.SHARDS_COUNT);
    if (count > 1 && sequences.isEmpty()) {
      values.complain(
          "shards.count is %d, but shards.sequences is missing; set ids separated by commas, or * for every sequence"
              .formatted(count));
    }
    if (!sequences.isEmpty() && !countIsGiven) {
      values.complain("shards.count is missing, but shards.sequences is set; set 2 or more");
    }
    if (count > 1 && heads.stream().anyMatch(ShardsReader::queriesCloseTokens)) {
      values.complain(
          "shards.count: sequences with onepass.form paper or moments cannot be sharded, because the first query ends their tokens; set onepass.form outputs, or shards.count 1");
    }
    return count == 1 ? ShardOptions.NONE : new ShardOptions(count, sequences);
  }

  private static boolean queriesCloseTokens(HeadSpec head) {
    return head.family() == OnepassFamily.INSTANCE
        && head.family()
            .querySide(head.sketchConfig(head.layout()))
            .filter(queries -> queries.closesTokens())
            .isPresent();
  }

  private Set<String> sequences() {
    String text = values.of(OnepassOptions.SHARDS_SEQUENCES);
    if (text == null) {
      return Set.of();
    }
    List<String> ids = Arrays.stream(text.split(",", -1)).map(String::trim).toList();
    if (ids.stream().anyMatch(String::isEmpty)) {
      values.complain("shards.sequences has an empty id; write for example shards.sequences: a,b");
    }
    Set<String> once = new LinkedHashSet<>(ids);
    if (once.size() > MOST_NAMED) {
      values.complain(
          "shards.sequences has %d ids; set at most %d, or * for every sequence"
              .formatted(once.size(), MOST_NAMED));
    }
    if (once.size() < ids.size()) {
      values.complain(
          "shards.sequences has duplicate ids: " + Shown.text("" + ids) + "; write each once");
    }
    if (once.contains(ShardOptions.ALL) && once.size() > 1) {
      values.complain("shards.sequences: * means every sequence; remove the other ids, or the *");
    }
    for (String id : once) {
      if (id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
        values.complain(
            "shards.sequences: an id has at most %d bytes; shorten '%s...'"
                .formatted(MAX_ID_BYTES, id.substring(0, 20)));
      }
    }
    once.remove("");
    return once;
  }
}
