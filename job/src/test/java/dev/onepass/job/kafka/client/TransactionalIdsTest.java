// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.connector.kafka.sink.internal.TransactionalIdFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionalIdsTest {

  private static final List<String> PREFIXES =
      List.of("onepass", "onepass-2", "onepass-2-1", "onepass-limit", "one", "onepass-", "o.*-1");

  private static String connectors(String prefix, int subtask, long number) {
    return TransactionalIdFactory.buildTransactionalId(prefix, subtask, number);
  }

  /** Prefixes of jobs that run at the same time, also before and after their ids changed. */
  @Test
  void anIdBelongsToOnePrefix() {
    for (String owner : PREFIXES) {
      for (String id :
          List.of(
              connectors(owner, 1, 0),
              connectors(owner, 12, 345),
              connectors(TransactionalIds.ofSink(owner), 1, 0),
              connectors(TransactionalIds.ofSink(owner), 12, 345))) {
        assertThat(PREFIXES)
            .as(id)
            .filteredOn(prefix -> TransactionalIds.isOfSink(prefix, id))
            .containsExactly(owner);
      }
    }
  }

  /** The connector ends every transaction whose id begins with its prefix. */
  @Test
  void noIdBeginsWithThePrefixOfAnotherJobsSink() {
    for (String owner : PREFIXES) {
      String id = connectors(TransactionalIds.ofSink(owner), 1, 0);
      assertThat(PREFIXES)
          .as(id)
          .filteredOn(prefix -> id.startsWith(TransactionalIds.ofSink(prefix)))
          .containsExactly(owner);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"my-job", "my-job-1", "my-job-x-1", "my-job-1-x", "my-job-1-2 ", "my-job--1-2"})
  void partsOfIdsDoNotMatch(String id) {
    assertThat(TransactionalIds.isOfSink("my-job", id)).isFalse();
  }

  /** Trials end soon, and a sink that starts from an old savepoint can parse their ids. */
  @Test
  void idsOfTrialsAreNotTheSinks() {
    String id = TransactionalIds.ofTrial("my-job", "0a1b2c-7");
    assertThat(id).startsWith("my-job-limit-");
    assertThat(TransactionalIds.isOfSink("my-job", id)).isFalse();
    assertThat(TransactionalIdFactory.extractSubtaskId(id)).isEqualTo(7);
  }
}
