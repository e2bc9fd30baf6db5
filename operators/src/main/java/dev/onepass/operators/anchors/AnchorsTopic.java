package dev.onepass.operators.anchors;

import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import java.util.function.Consumer;

/** The topic that anchor sets are published on. It may be missing. */
public interface AnchorsTopic extends Serializable {

  /** Its name. */
  String name();

  /**
   * Gives each record that lies in the topic now to a reader, in the order of the topic; none if
   * there is no such topic. May block as long as records come, so it is called before the first
   * record only, or not on a task thread.
   *
   * @throws IOException if not all of them can be read, with a sentence that names the topic and
   *     says why
   */
  void read(Consumer<RawRecord> reader) throws IOException;

  /**
   * Looks whether the topic takes a record, and makes the topic if it is missing. May block, so it
   * is not called on a task thread.
   *
   * @return why the record cannot be published, or nothing if it can
   */
  Optional<String> obstacle(RawRecord record);
}
