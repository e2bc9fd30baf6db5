// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Headers.Header;
import dev.onepass.operators.event.RawRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentsBuilderTest {

  private static final SinkTopics TOPICS = new SinkTopics("queries", "outputs", "letters", "sets");

  private final ContentsBuilder builder = new ContentsBuilder(TOPICS);

  private static RawRecord answer(int partition, long offset) {
    RawRecord query = new RawRecord("queries", partition, offset, 5, null, null, Headers.NONE);
    return RawRecord.toWrite("outputs", null, null, Headers.NONE, query);
  }

  private static RawRecord letter(String topic, String partition, String offset) {
    return RawRecord.toWrite(
        "letters",
        null,
        null,
        new Headers(
            List.of(
                header("error", "query_id: missing"),
                header("topic", topic),
                header("partition", partition),
                header("offset", offset))));
  }

  private static Header header(String name, String value) {
    return new Header(name, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void queriesAreKnownByTheirAnswersAndDeadLetters() {
    builder.add(answer(0, 120));
    builder.add(answer(0, 118));
    builder.add(answer(1, 7));
    builder.add(letter("queries", "0", "130"));
    Place place = new Place("outputs", 2, 99);

    Contents contents = builder.take(place);

    assertThat(contents.answers()).isEqualTo(3);
    assertThat(contents.letters()).isEqualTo(1);
    assertThat(contents.place()).isEqualTo(place);
    assertThat(contents.queries().arguments()).isEqualTo("--from 0:118,1:7 --to 0:131,1:8");
    assertThat(contents.queries().contains(0, 117)).isFalse();
    assertThat(contents.queries().contains(0, 130)).isTrue();
    assertThat(contents.queries().contains(0, 131)).isFalse();
    assertThat(contents.queries().contains(2, 130)).isFalse();
  }

  @Test
  void otherRecordsAddNoQuery() {
    builder.add(letter("tokens", "0", "130"));
    builder.add(letter("queries", "0", "none"));
    builder.add(letter("queries", null, "5"));
    builder.add(RawRecord.toWrite("sets", null, null, Headers.NONE));
    // An in-flight record of an old savepoint.
    builder.add(RawRecord.toWrite("outputs", null, null, Headers.NONE));

    Contents contents = builder.take(null);

    assertThat(contents.answers()).isEqualTo(1);
    assertThat(contents.letters()).isEqualTo(3);
    assertThat(contents.queries().partitions()).isEmpty();
  }

  @Test
  void eachTransactionHasItsOwnContents() {
    builder.add(answer(0, 1));
    builder.take(null);
    builder.add(answer(0, 9));

    assertThat(builder.take(null).queries().arguments()).isEqualTo("--from 0:9 --to 0:10");
    assertThat(builder.take(null)).isEqualTo(Contents.UNKNOWN);
  }
}
