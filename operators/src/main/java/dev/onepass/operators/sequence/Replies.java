// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.Waited;
import dev.onepass.sketch.api.RecoveryRefusedException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.SequenceCounts;
import dev.onepass.sketch.sequence.SequencePart;

/** Replies to queries from the sequence as it is. */
final class Replies {

  private final Subtask subtask;

  Replies(Subtask subtask) {
    this.subtask = subtask;
  }

  /**
   * Answers a query, or refuses it.
   *
   * @param waited how its waiting for tokens has ended
   */
  void answer(Turn turn, Event.Query query, Waited waited) {
    if (turn.refuseWithoutAnchors(query)) {
      return;
    }
    if (query.spread() != null) {
      boolean hadRoom = waited != Waited.NO_ROOM;
      answerPart(turn, query, true, hadRoom ? Part.Kind.ANSWER : Part.Kind.ANSWER_WITHOUT_ROOM);
      return;
    }
    long begin = System.nanoTime();
    QueryBlock asked = block(turn, query);
    Answers answers = turn.sequence().answerAndRemember(asked, query.origin().timestamp());
    turn.head().metrics().timeQuery(System.nanoTime() - begin);
    SequenceCounts counts = marked(turn, turn.sequence().part()).counts();
    subtask.metrics().countAnswer(turn.key().head(), waited, counts, answers);
    subtask
        .shadows()
        .compare(turn.key().sequence(), turn.header(), asked, answers, turn.head().metrics());
    turn.reply(
        Reply.Answer.of(turn.key(), query.origin(), query.queryId(), answers, counts, waited));
  }

  /** Answers with this shard's part. */
  void answerPart(Turn turn, Event.Query query, boolean last, Part.Kind kind) {
    long begin = System.nanoTime();
    byte[] part =
        marked(turn, turn.sequence().part(block(turn, query), query.origin().timestamp()))
            .toByteArray();
    turn.head().metrics().timeQuery(System.nanoTime() - begin);
    subtask.metrics().countPart();
    turn.replyPart(query, last, kind, part);
  }

  /** Replies with the sequence's counts. */
  void report(Turn turn, Event.StatsQuery query) {
    SequencePart part = marked(turn, turn.sequence().part());
    if (query.spread() != null) {
      turn.replyPart(query, true, Part.Kind.STATS, part.toByteArray());
    } else {
      turn.reply(Reply.Stats.of(turn.key(), query.origin(), query.queryId(), part.counts()));
    }
  }

  /** Replies with the large entries of past answers. */
  void recover(Turn turn, Event.RecoverQuery query) {
    if (turn.refuseWithoutAnchors(query)) {
      return;
    }
    if (!turn.sequence().canRecover()) {
      turn.refuse(query, "recover: only sketch.type onepass recovers columns");
      return;
    }
    try {
      turn.reply(
          new Reply.Recovered(
              turn.key(), query.origin(), query.queryId(), turn.sequence().recover(query.k())));
    } catch (RecoveryRefusedException e) {
      turn.refuse(query, "recover.k: " + e.getMessage());
    }
  }

  private SequencePart marked(Turn turn, SequencePart part) {
    return subtask.holes().mayLackTokens(turn.header()) ? part.markedIncomplete() : part;
  }

  private static QueryBlock block(Turn turn, Event.Query query) {
    // Not the header's dimension: while the query waited, its sequence may have been forgotten and
    // the head's dimension changed.
    int dim = query.vectors().length / query.count();
    return new QueryBlock(query.vectors(), query.count(), dim, turn.head().spec().scale());
  }
}
