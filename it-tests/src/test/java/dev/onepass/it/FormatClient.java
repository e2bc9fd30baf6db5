// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import dev.onepass.it.EitherFormat.Details;
import dev.onepass.it.EitherFormat.Reply;
import dev.onepass.it.EitherFormat.Vec;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import java.time.Duration;
import java.util.List;

/** A client of one job that sends tokens and queries in either format and reads the replies. */
final class FormatClient {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final Client.Topics topics;
  private final Client client;
  private final EitherFormat format;
  private final Duration patience;
  private int asked;

  FormatClient(Client client, Client.Topics topics, EitherFormat format) {
    this(client, topics, format, PATIENCE);
  }

  /**
   * Creates a client.
   *
   * @param patience how long it waits for a reply
   */
  FormatClient(Client client, Client.Topics topics, EitherFormat format, Duration patience) {
    this.client = client;
    this.topics = topics;
    this.format = format;
    this.patience = patience;
  }

  /** Sends a token. A null head means the default head. */
  void add(String head, String sequence, Vec key, Vec value) {
    client.send(topics.tokens(), Records.bytes(sequence), format.token(head, false, key, value));
  }

  /** Sends a token of the default head at a position. */
  void addAt(long position, String sequence, Vec key, Vec value) {
    Details details = new Details(position, null, null);
    client.send(
        topics.tokens(), Records.bytes(sequence), format.token(null, false, key, value, details));
  }

  /** Sends the retraction of a token. A null head means the default head. */
  void retract(String head, String sequence, Vec key, Vec value) {
    client.send(topics.tokens(), Records.bytes(sequence), format.token(head, true, key, value));
  }

  /** Asks and waits for the answer, which the job gives when the sequence has enough tokens. */
  Reply ask(String head, String sequence, long asOf, List<Vec> vectors) {
    String id = "q" + asked++;
    return reply(sequence, id, format.query(head, id, asOf, vectors));
  }

  /** Asks until a sequence is left with a number of tokens after retractions. */
  Reply askUntilLeft(String head, String sequence, long tokens, List<Vec> vectors) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Reply reply = ask(head, sequence, 1, vectors);
      if (reply.tokens() == tokens) {
        return reply;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "%s has %d tokens, not %d".formatted(sequence, reply.tokens(), tokens));
      }
    }
  }

  /** Recovers the {@code k} largest entries of each column of the answers so far. */
  Reply recover(String sequence, int k) {
    String id = "q" + asked++;
    return reply(sequence, id, format.recover(id, k));
  }

  private Reply reply(String sequence, String id, byte[] query) {
    client.send(topics.queries(), Records.bytes(sequence), query);
    client.flush();
    return client
        .read(
            topics.outputs(),
            patience,
            soFar -> soFar.stream().anyMatch(o -> format.reply(o.value()).id().equals(id)))
        .stream()
        .map(output -> format.reply(output.value()))
        .filter(reply -> reply.id().equals(id))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("no answer to " + id + ", dead letters: " + errors()));
  }

  /** Returns the reasons of all dead letters so far. */
  List<String> errors() {
    return client
        .read(topics.deadLetters(), Duration.ofSeconds(1), soFar -> !soFar.isEmpty())
        .stream()
        .map(Written::error)
        .toList();
  }
}
