package dev.onepass.it.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.records.Records;
import java.time.Instant;

/**
 * An answer as a reader has it.
 *
 * @param at when it was read
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
