// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.event.RawRecord;
import java.util.Optional;

/** The result of an attempt to make an anchor set. */
sealed interface Outcome {

  /**
   * A set was made.
   *
   * @param version version of the set
   * @param record the set as a record of the anchors topic
   * @param description size and origin of the set, for the log
   * @param obstacle the reason why the topic cannot take the record, or nothing if it can
   */
  record Made(int version, RawRecord record, String description, Optional<String> obstacle)
      implements Outcome {}

  /**
   * No set is needed, because the topic already has one of the head.
   *
   * @param version highest version of the head on the topic
   * @param reason what the topic has, for the log
   */
  record AlreadyOnTopic(int version, String reason) implements Outcome {}

  /**
   * The set is not published, because clusters answer at least as well.
   *
   * @param reason the errors of both, for the log
   */
  record Beaten(String reason) implements Outcome {}

  /**
   * No set is made, because the columns of wide keys lose too much.
   *
   * @param reason what they keep and what to do, for the log
   */
  record Lossy(String reason) implements Outcome {}

  /**
   * The set has no version, because the topic cannot be read or has no version left.
   *
   * @param reason what is wrong and what to do, for the log
   */
  record WithoutVersion(String reason) implements Outcome {}

  /**
   * Making the set failed.
   *
   * @param cause the failure
   */
  record Failed(Throwable cause) implements Outcome {}
}
