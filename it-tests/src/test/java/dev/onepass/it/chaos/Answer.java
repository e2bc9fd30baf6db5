// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.records.Records;
import java.time.Instant;

/**
 * An answer that a reader has received.
 *
 * @param tokens number of tokens that the answer claims to cover
 * @param position position of the last of these tokens
 * @param outputs the output for the query's only vector; empty if the answer covers no token
 * @param at time at which it was read
 */
record Answer(
    String queryId,
    String sequence,
    long tokens,
    long position,
    boolean exact,
    boolean timedOut,
    double[] outputs,
    Instant at) {

  static Answer parse(byte[] value, Instant at) {
    JsonNode json = Records.parse(value);
    return new Answer(
        json.get("query_id").textValue(),
        json.get("sequence").textValue(),
        json.get("tokens").longValue(),
        json.get("position").longValue(),
        json.get("exact").booleanValue(),
        json.get("timed_out").booleanValue(),
        Records.doubles(json.get("outputs").path(0)),
        at);
  }
}
