package dev.onepass.operators.learner;

import dev.onepass.operators.AnchorsTopic;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSetMaker;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An anchor set that was made, as a record of its topic.
 *
 * @param record the record
 * @param description what was made of what, for the log
 * @param obstacle why it cannot be published, or nothing if it can
 */
record MadeSet(RawRecord record, String description, Optional<String> obstacle) {

  /**
   * A set that is wanted.
   *
   * @param head the head
   * @param version the set's version
   * @param queries rows, the scale of the logits multiplied in
   * @param keys rows
   * @param count anchors wanted
   */
  record Order(HeadSpec head, int version, float[] queries, float[] keys, int count) {

    /**
     * Makes the set, and looks whether the topic will take it. Takes long.
     *
     * @throws IllegalArgumentException if no set can be made of these samples
     */
    MadeSet make(AnchorsTopic topic) {
      long start = System.nanoTime();
      AnchorSet set =
          AnchorSetMaker.make(version, head.keyDim(), queries, keys, count, head.seed());
      RawRecord record =
          RawRecord.toWrite(
              topic.name(),
              head.name().getBytes(StandardCharsets.UTF_8),
              set.toByteArray(),
              Headers.NONE);
      String description =
          "anchor set %d of %d anchors, made of %d queries and %d keys in %.1f s"
              .formatted(
                  version,
                  set.count(),
                  queries.length / head.keyDim(),
                  keys.length / head.keyDim(),
                  (System.nanoTime() - start) / 1e9);
      return new MadeSet(record, description, topic.obstacle(record));
    }
  }
}
