// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onepass.testkit.records.Records;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Collects the records of a step, and counts what the job must write before the step is over. */
final class StepBuilder {

  /** Query vectors of a query. */
  static final int VECTORS = 3;

  private final List<Step.Sent> sent = new ArrayList<>();
  private Long timestamp;
  private int replies;
  private int letters;
  private int sets;

  /** Gives a timestamp, in epoch milliseconds, to the records that follow. */
  StepBuilder at(long millis) {
    timestamp = millis;
    return this;
  }

  /** Adds a record. */
  private StepBuilder send(String topic, String key, JsonNode value) {
    sent.add(new Step.Sent(topic, timestamp, key, value));
    return this;
  }

  /** Adds tokens {@code from} to {@code to - 1}, with their numbers as positions. */
  StepBuilder tokens(Tokens tokens, int from, int to) {
    return tokens(tokens, from, to, 1);
  }

  /** Adds tokens whose positions are multiples of {@code stride}; 0 for none. */
  StepBuilder tokens(Tokens tokens, int from, int to, int stride) {
    for (int j = from; j < to; j++) {
      send("tokens", tokens.sequence(), token(tokens, j, stride));
    }
    return this;
  }

  /** Adds tokens that follow each other by so many milliseconds. */
  StepBuilder tokensEvery(long millis, Tokens tokens, int from, int to) {
    for (int j = from; j < to; j++) {
      tokens(tokens, j, j + 1);
      timestamp += millis;
    }
    return this;
  }

  /** Adds retractions of tokens {@code from} to {@code to - 1}. */
  StepBuilder retract(Tokens tokens, int from, int to) {
    for (int j = from; j < to; j++) {
      send("tokens", tokens.sequence(), token(tokens, j, 0).put("op", "retract"));
    }
    return this;
  }

  /** Adds a record that drops the sequence. */
  StepBuilder forget(Tokens tokens) {
    return send("tokens", tokens.sequence(), null);
  }

  /** Adds a record that is refused when it is decoded, to either topic. */
  StepBuilder malformed(String topic) {
    letters++;
    return send(topic, "malformed", Records.JSON.createObjectNode());
  }

  private static ObjectNode token(Tokens tokens, int j, int stride) {
    ObjectNode token = Records.JSON.createObjectNode();
    if (stride > 0) {
      token.put("position", (long) j * stride);
    }
    token.set("key", Records.array(tokens.key(j)));
    token.set("value", Records.array(tokens.value(j)));
    tokens.bias(j).ifPresent(bias -> token.put("bias", bias));
    return withHead(token, tokens);
  }

  private static ObjectNode withHead(ObjectNode record, Tokens tokens) {
    return tokens.head() == null ? record : record.put("head", tokens.head());
  }

  /**
   * Adds a query that is answered in this step.
   *
   * @param asOf tokens that it waits for; 0 for none
   */
  StepBuilder ask(String id, Tokens tokens, int asOf) {
    replies++;
    return askAhead(id, tokens, asOf);
  }

  /** Adds a query that is answered in a later step. */
  StepBuilder askAhead(String id, Tokens tokens, int asOf) {
    return send(
        "queries",
        tokens.sequence(),
        withHead(Records.query(id, asOf, vectors(tokens, 0, VECTORS)), tokens));
  }

  /** Adds a query with many vectors. */
  StepBuilder askMuch(String id, Tokens tokens, int from, int to) {
    replies++;
    return send(
        "queries",
        tokens.sequence(),
        withHead(Records.query(id, 0, vectors(tokens, from, to)), tokens));
  }

  /** Returns query vectors {@code from} to {@code to - 1}. */
  private static float[][] vectors(Tokens tokens, int from, int to) {
    return IntStream.range(from, to).mapToObj(tokens::query).toArray(float[][]::new);
  }

  /** Adds a request for the counts of the sequence. */
  StepBuilder stats(String id, Tokens tokens) {
    replies++;
    return send("queries", tokens.sequence(), withHead(Records.stats(id), tokens));
  }

  /** Adds a request for the large entries of all columns. */
  StepBuilder recover(String id, Tokens tokens, int k) {
    replies++;
    return send("queries", tokens.sequence(), withHead(Records.recover(id, k), tokens));
  }

  /** Expects replies to queries of earlier steps. */
  StepBuilder earlierReplies(int count) {
    replies += count;
    return this;
  }

  /** Expects dead letters. */
  StepBuilder letters(int count) {
    letters += count;
    return this;
  }

  /** Expects anchor sets. */
  StepBuilder sets(int count) {
    sets += count;
    return this;
  }

  /** Returns the step, with blanks for all that the job must write. */
  Step build() {
    return new Step(
        sent,
        Collections.nCopies(replies, NullNode.getInstance()),
        Collections.nCopies(letters, new Step.Letter("", "")),
        sets);
  }
}
