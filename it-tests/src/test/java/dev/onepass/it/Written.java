// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import dev.onepass.testkit.records.Records;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads ids and headers of records that the job has written. */
public final class Written {

  private Written() {}

  /** Returns the {@code query_id} of an answer. */
  static String queryId(ConsumerRecord<byte[], byte[]> answer) {
    return Records.parse(answer.value()).get("query_id").textValue();
  }

  /** Returns the {@code query_id} of each answer, in order. */
  static List<String> queryIds(List<ConsumerRecord<byte[], byte[]>> answers) {
    return answers.stream().map(Written::queryId).toList();
  }

  /** Returns the last header with a name, as text. */
  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  /** Returns the reason in a dead letter. */
  public static String error(ConsumerRecord<byte[], byte[]> letter) {
    return header(letter, "error");
  }
}
