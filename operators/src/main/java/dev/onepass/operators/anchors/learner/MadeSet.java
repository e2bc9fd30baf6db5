package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.anchors.fit.Past;
import dev.onepass.sketch.sequence.HeadSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * An anchor set that was made, as a record of its topic.
 *
 * @param version of the set
 * @param record the record
 * @param description what was made of what, for the log
 * @param obstacle why it cannot be published, or nothing if it can
 */
record MadeSet(int version, RawRecord record, String description, Optional<String> obstacle) {

  /**
   * A set that is wanted.
   *
   * @param head the head
   * @param known highest version of the head that the job heard of
   * @param queries the scale of the logits multiplied in
   * @param keys past keys
   * @param count anchors wanted
   */
  record Order(HeadSpec head, int known, Past queries, Past keys, int count) {

    /**
     * Makes the set, and looks what version it takes and whether the topic will take it. Takes
     * long.
     *
     * @throws NoSetException if there is to be no set now
     * @throws SetThereException if the topic has one already
     * @throws IllegalArgumentException if no set can be made of these samples
     */
    MadeSet make(AnchorsTopic topic) throws NoSetException, SetThereException {
      long start = System.nanoTime();
      Past fairQueries = fair(queries);
      Past fairKeys = fair(keys);
      AnchorSetMaker.Made made =
          AnchorSetMaker.tried(1, head.keyDim(), fairQueries, fairKeys, count, head.seed());
      if (!made.beatsClusters()) {
        throw new NoSetException(
            true,
            "anchors do not beat clusters on what was held back: errors %.3g and %.3g"
                .formatted(made.error(), made.clusterError()));
      }
      AnchorSet set = made.set().withVersion(nextVersion(topic));
      RawRecord record =
          RawRecord.toWrite(
              topic.name(),
              head.name().getBytes(StandardCharsets.UTF_8),
              set.toByteArray(),
              Headers.NONE);
      String description =
          "anchor set %d of %d anchors, made of %d queries and %d keys in %.1f s"
              .formatted(
                  set.version(),
                  set.count(),
                  fairQueries.count(head.keyDim()),
                  fairKeys.count(head.keyDim()),
                  (System.nanoTime() - start) / 1e9);
      return new MadeSet(set.version(), record, description, topic.obstacle(record));
    }

    /** One above all versions of the head that the job or the topic has. */
    private int nextVersion(AnchorsTopic topic) throws NoSetException, SetThereException {
      TopicLook look;
      try {
        look = TopicLook.at(topic, head.name(), head.keyDim());
      } catch (IOException e) {
        throw new NoSetException(
            false,
            "topic %s cannot be read, so nobody knows which version is next: %s"
                .formatted(topic.name(), e.getMessage()));
      }
      if (look.hasSet()) {
        throw new SetThereException(
            look.highest(),
            "topic %s has version %d of the head's set already"
                .formatted(topic.name(), look.highest()));
      }
      int highest = Math.max(known, look.highest());
      if (highest == Integer.MAX_VALUE) {
        throw new NoSetException(
            false,
            "topic %s has version %d of the head, above which there is none; take it off the topic by a record without a value"
                .formatted(topic.name(), highest));
      }
      return highest + 1;
    }

    /** No more of a sequence than its share, or than an equal part where sequences are few. */
    private Past fair(Past past) {
      int n = past.count(head.keyDim());
      long different = Arrays.stream(past.sequences()).distinct().count();
      long most = (n - 1) / Math.max(1, Math.min(SampleSizes.SEQUENCES, different)) + 1;
      Map<Long, Integer> held = new HashMap<>();
      int[] kept =
          IntStream.range(0, n)
              .filter(row -> held.merge(past.sequences()[row], 1, Integer::sum) <= most)
              .toArray();
      return kept.length == n ? past : past.only(kept, head.keyDim());
    }
  }
}
