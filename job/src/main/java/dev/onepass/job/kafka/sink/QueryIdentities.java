// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.job.format.QueryIds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Computes identities of queries and answers. An answer has the identity of its query: a hash of
 * key, {@code query_id} and headers.
 */
final class QueryIdentities {

  private final QueryIds ids;

  /**
   * @param ids finds the {@code query_id} in records
   */
  QueryIdentities(QueryIds ids) {
    this.ids = ids;
  }

  /** Returns the identity of a query. A query without an id has no answer, so it is its place. */
  ByteBuffer ofQuery(ConsumerRecord<byte[], byte[]> query) {
    return ids.ofQuery(query.value())
        .map(id -> hash(query.key(), id, query.headers()))
        .orElseGet(
            () -> ByteBuffer.wrap(Place.of(query).toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Returns the identity of the query of an answer, or empty if the record is not an answer. */
  Optional<ByteBuffer> ofAnswer(ConsumerRecord<byte[], byte[]> answer) {
    return ids.ofReply(answer.value()).map(id -> hash(answer.key(), id, answer.headers()));
  }

  private static ByteBuffer hash(byte[] key, String id, Headers headers) {
    MessageDigest digest = sha256();
    add(digest, key);
    add(digest, id.getBytes(StandardCharsets.UTF_8));
    for (Header header : headers) {
      if (!header.key().equals(QueriesAgain.HEADER)) {
        add(digest, header.key().getBytes(StandardCharsets.UTF_8));
        add(digest, header.value());
      }
    }
    return ByteBuffer.wrap(digest.digest());
  }

  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update(ByteBuffer.allocate(4).putInt(bytes == null ? -1 : bytes.length).array());
    if (bytes != null) {
      digest.update(bytes);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256.", e);
    }
  }
}
