package dev.onepass.operators.learner;

import dev.onepass.operators.event.RawRecord;
import java.io.Serializable;
import java.util.Optional;

/** The topic that anchor sets are published on. */
public interface AnchorsTopic extends Serializable {

  /** Its name. */
  String name();

  /**
   * Looks whether the topic takes a record, and makes the topic if it is missing. May block, so it
   * is not called on a task thread.
   *
   * @return why the record cannot be published, or nothing if it can
   */
  Optional<String> obstacle(RawRecord record);
}
